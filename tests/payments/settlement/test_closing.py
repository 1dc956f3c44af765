"""An account closes when no act is open on it: by the registrar's hand and by itself (D12)."""

from datetime import timedelta

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments import jobs
from backend.payments.settlement.service import ActSettlement
from tests.conftest import Client
from tests.payments.conftest import Owner, act, cases, iin, person, present

BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}


async def test_open_acts_hold_an_account(
    world: Resources, owner: Owner, client: Client, clock: FixedClock
) -> None:
    found = await present(world, act("7", cases([1, 2])))
    settlement = ActSettlement(world.db.payments)
    asked = [person(1), person(2), person(3)]
    assert await settlement.unsettled(asked) == {person(1), person(2)}
    executor = await owner.fetchval("SELECT executor_id FROM payments.act")
    assert await settlement.unsettled([executor]) == {executor}
    death = {"ground": "C1", "fact": "DEATH", "basis": BASIS}
    async with client(Role.REGISTRAR, bin="990340001234") as http:
        refused = await http.post("/api/v1/accounts/close", json={"iin": iin(1), **death})
        assert (refused.status_code, refused.json()["code"]) == (409, "ACCOUNT_UNSETTLED")
        for n in (2, 3):
            body = {"iin": iin(n), **death, "ground": "B1"}
            assert (await http.post("/api/v1/accounts/block", json=body)).is_success
    clock.advance(timedelta(days=31))
    await jobs.close_accounts(world)
    assert await status(owner, 2) == "BLOCKED"
    assert await status(owner, 3) == "CLOSED"
    await owner.execute(
        "UPDATE payments.act SET status = 'CANCELLED' WHERE act_id = $1", found.act_id
    )
    assert await settlement.unsettled([*asked, executor]) == set()
    clock.advance(timedelta(hours=2))
    await jobs.close_accounts(world)
    assert await status(owner, 2) == "CLOSED"


async def status(owner: Owner, n: int) -> str:
    found: str = await owner.fetchval(
        "SELECT status FROM registry.account WHERE person_id = $1", person(n)
    )
    return found
