"""The statements that meet millions of rows find them by index, and in order without a sort."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from backend.kernel.db import Db, Query
from backend.registry.attachment import queries as attachment
from backend.registry.brake import queries as brake
from backend.registry.reattachment import queries as reattachment
from backend.registry.repair import queries as repair
from backend.registry.upload import queries as upload

ONE, AT = UUID(int=1), datetime(2026, 4, 6, tzinfo=UTC)
FACT = ([ONE], [date(2026, 4, 6)], [1], [ONE], [ONE])
ASKED: list[tuple[Query[Any], tuple[object, ...]]] = [
    (attachment.NEW, ([1], *FACT, "source")),
    (attachment.SETTLE, (*FACT, "source")),
    (attachment.MOVE_POLICIES, ([ONE], [ONE], date(2026, 4, 6))),
    (attachment.HISTORY, (ONE,)),
    (upload.NEXT_ROWS, (ONE, ONE, 0, 5_000)),
    (upload.TAKE_ROWS, (ONE, ONE, 0, 5_000)),
    (upload.STAGE, (ONE, [1], *FACT, "source")),
    (brake.WEIGHTS, (["MOVE"], ["Астана"], [1], AT)),
    (repair.TRY, ("attachments", ONE, ["INSURED_NOT_FOUND"], 5_000)),
    (reattachment.NEXT_PERSONS, (ONE, 10_000)),
    (reattachment.DRIFTED, (ONE, ONE, date(2026, 4, 6))),
    (reattachment.PAGE, (ONE, ONE, 50)),
]
# Small tables of organisations and limits, and one row of a night: reading them whole is right.
SMALL = ("organisation", "facility", "brake_limit", "upload ", "brake_hold")


async def test_millions_are_found_by_index(db_registry: Db) -> None:
    wrong = []
    async with db_registry.transaction() as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off")
        for query, args in ASKED:
            plan = [row[0] for row in await tx.connection.fetch(f"EXPLAIN {query.sql}", *args)]
            if any("Seq Scan" in line and not any(s in line for s in SMALL) for line in plan):
                wrong.append("\n".join(plan))
    assert not wrong, "\n\n".join(wrong)


async def test_a_chunk_of_a_file_is_read_in_order(db_registry: Db, owner: Any) -> None:
    await owner.execute(
        "INSERT INTO registry.upload_row SELECT $1, gen_random_uuid(), n, '2026-04-06', n, $1, $1"
        " FROM generate_series(1, 20000) AS n",
        ONE,
    )
    await owner.execute("ANALYZE registry.upload_row")
    for query, args in (
        (upload.NEXT_ROWS, (ONE, ONE, 0, 500)),
        (upload.TAKE_ROWS, (ONE, ONE, 0, 500)),
    ):
        rows = await db_registry.pool.fetch(f"EXPLAIN {query.sql}", *args)
        assert not any("Sort" in row[0] for row in rows), [row[0] for row in rows]
