"""A database that would block too many stops whole, and asks the registrar (FAULTS 22)."""

from uuid import UUID

import pytest

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.brake import service as brake
from backend.registry.brake.model import Decide, Held, HoldStatus, Verdict
from backend.registry.state_event.service import weigh
from tests.registry.conftest import OTHER_BIN, Insure, actor, iin_of, signed
from tests.registry.state_event.conftest import Tell, follow, outcomes, statuses, told

# as delivered: fifty always pass, above that one in a hundred of a region
PEOPLE = [iin_of(n) for n in range(200, 260)]


@pytest.mark.parametrize("verdict", Verdict)
async def test_nothing_is_applied_until_the_registrar_decides(
    world: Resources, tell: Tell, insure: Insure, verdict: Verdict
) -> None:
    ids = await insure(*PEOPLE)
    db, registrar = world.db.registry, actor(OTHER_BIN, Role.REGISTRAR)
    await tell(*(told(iin) for iin in PEOPLE[:55]), page=10)
    await follow(world)
    assert set((await outcomes(world)).values()) == {"HELD"}
    assert set((await statuses(world)).values()) == {"OPEN"}
    (hold,) = await brake.holds(db, status=HoldStatus.HELD, before=None, limit=9)
    assert [(e.weight.kind, e.weight.count) for e in hold.effects] == [("BLOCK", 55)]
    # what the same database tells meanwhile waits behind it
    later = told(PEOPLE[57])
    await tell(later)
    await follow(world)
    assert (await outcomes(world))[later["event_id"]] == "PENDING"

    command = Decide((Held(hold.hold_id, hold.sha256),), verdict, "тексерілді")
    await brake.decide(world, registrar, signed(command, world, OTHER_BIN))
    for _ in range(2):  # a job may run twice
        await weigh.decided(world, hold.hold_id, verdict)
    await follow(world)
    blocked = {person for person, status in (await statuses(world)).items() if status == "BLOCKED"}
    expected = {ids[PEOPLE[57]]}
    if verdict is Verdict.RELEASE:
        expected |= {ids[iin] for iin in PEOPLE[:55]}
    assert blocked == expected


async def test_a_flood_in_small_portions_is_stopped_too(
    world: Resources, tell: Tell, insure: Insure
) -> None:
    ids = await insure(*PEOPLE)
    for part in (PEOPLE[:20], PEOPLE[20:40], PEOPLE[40:60]):
        await tell(*(told(iin) for iin in part))
        await follow(world)
    found = await statuses(world)
    blocked: set[UUID] = {person for person, status in found.items() if status == "BLOCKED"}
    assert blocked == {ids[iin] for iin in PEOPLE[:40]}
