"""What COPY brings in is what was signed, letter by letter (FAULTS 23); the stage is gone afterwards."""

from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from tests.payments.conftest import Owner, act, cases, present

ODD = ["\\N", "\\.", "a\nb\r\n", "\t,;\"'", "\u202eabc", "=1+1", "ә\u0301", "NULL", "{}"]


async def test_odd_texts_survive_the_stage(world: Resources, owner: Owner) -> None:
    lines = [
        line
        for n, odd in enumerate(ODD, 1)
        for line in cases([n], prefix="\\N" if n == 1 else "r", episode=odd)
    ]
    found = await present(world, act("7", lines))
    assert found.status is ActStatus.CHECK_PASSED
    kept = await owner.fetch("SELECT episode FROM payments.act_case ORDER BY line_no")
    assert [row[0] for row in kept] == ODD
    assert await owner.fetchval("SELECT to_regclass('pg_temp.act_stage')") is None
    async with world.db.payments.transaction() as tx:
        left = "SELECT count(*) FROM pg_class WHERE relname = 'act_stage'"
        assert await tx.connection.fetchval(left) == 0
