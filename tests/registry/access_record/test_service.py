"""Who looked: noted with the read, once for a page, never changed, forgotten behind the horizon alone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from prometheus_client import REGISTRY

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service
from backend.registry.access_record.model import Access, Basis, Field
from tests.registry.access_record.noted import noted

AIGUL, BOLAT = uuid7(), uuid7()
CLERK = Actor(uuid4(), frozenset({Role.EXECUTOR_OPERATOR}), bin="100140000003", signer=b"s" * 32)
LOOK = Access(CLERK, "ListSomebody", Basis.ATTACHMENT, (Field.NAME, Field.IIN), "list 7")


async def look(resources: Resources, *people: UUID, access: Access = LOOK) -> None:
    async with resources.db.registry.transaction() as tx:
        await service.record(tx, access, people, at=resources.clock.now())


async def test_a_page_is_noted_at_once_and_each_person_of_it_once(
    resources: Resources, owner: Any
) -> None:
    people = [uuid7() for _ in range(200)]
    await look(resources, *people, people[0])
    await look(resources)
    found = await noted(owner, "ListSomebody")
    assert {n.person_id for n in found} == set(people)
    assert len(found) == 200
    assert {(n.organisation, n.role, n.basis, n.basis_id, n.fields) for n in found} == {
        ("100140000003", "executor_operator", "ATTACHMENT", "list 7", ("NAME", "IIN"))
    }


async def test_a_read_that_is_rolled_back_takes_its_note_with_it(
    resources: Resources, owner: Any
) -> None:
    with pytest.raises(RuntimeError):
        async with resources.db.registry.transaction() as tx:
            await service.record(tx, LOOK, [AIGUL], at=resources.clock.now())
            raise RuntimeError
    assert await noted(owner, "ListSomebody") == []


async def test_a_session_is_noted_by_its_first_read_alone(resources: Resources, owner: Any) -> None:
    first, second = (Actor(uuid4(), frozenset({Role.INSURED}), person_id=AIGUL) for _ in range(2))
    db, now = resources.db.egov, resources.clock.now()
    for actor in (first, first, second, first):
        assert await service.record_own(db, actor, "GetOwnStatus", at=now) == AIGUL
    assert len(await noted(owner, "GetOwnStatus")) == 2
    service._noted.clear()  # another process
    await asyncio.gather(*(service.record_own(db, first, "GetOwnPolicy", at=now) for _ in range(5)))
    assert await noted(owner, "GetOwnPolicy") == []


async def test_one_reads_ones_own_looks_in_pages_the_newest_first(
    resources: Resources, clock: FixedClock
) -> None:
    for n in range(5):
        await look(resources, AIGUL, access=msgspec.structs.replace(LOOK, basis_id=str(n)))
        clock.advance(timedelta(minutes=1))
    await look(resources, BOLAT)
    seen: list[datetime] = []
    cursor = None
    while True:
        page = await service.of_person(resources.db.egov, AIGUL, cursor, 2)
        seen += [record.at for record in page.items]
        if (cursor := page.next) is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("role", ["visits", "payments", "egov", "registry"])
async def test_whoever_reads_may_note_and_nobody_may_change(
    resources: Resources, owner: Any, role: str
) -> None:
    db = getattr(resources.db, role)
    async with db.transaction() as tx:
        await service.record(tx, LOOK, [AIGUL], at=resources.clock.now())
    for statement in (
        "UPDATE registry.access_record SET role = 'x'",
        "DELETE FROM registry.access_record",
        "TRUNCATE registry.access_record",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await db.pool.execute(statement)
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await owner.execute(statement)
    assert len(await noted(owner, "ListSomebody")) == 1


async def test_more_looks_than_a_days_work_raise_an_event_and_an_alarm(
    resources: Resources, clock: FixedClock, owner: Any
) -> None:
    config = msgspec.structs.replace(resources.config, looks_per_day=5)
    resources = msgspec.structs.replace(resources, config=config)
    staff = msgspec.structs.replace(CLERK, signer=uuid4().bytes * 2)
    before = REGISTRY.get_sample_value("saqtau_looks_over_limit_total") or 0

    async def told() -> Sequence[Any]:
        query = (
            "SELECT payload FROM kernel.event WHERE kind = 'LookLimitExceeded' ORDER BY event_id"
        )
        return [msgspec.json.decode(r[0])["looks"] for r in await owner.fetch(query)]

    await asyncio.gather(*(service.count_look(resources, staff) for _ in range(5)))
    assert await told() == []
    await asyncio.gather(*(service.count_look(resources, staff) for _ in range(5)))
    assert sorted(await told()) == [6, 10]  # at once, and again with each further limit
    assert REGISTRY.get_sample_value("saqtau_looks_over_limit_total") == before + 5
    other = msgspec.structs.replace(CLERK, signer=uuid4().bytes * 2)
    await service.count_look(resources, other)
    clock.advance(timedelta(days=1))
    await service.count_look(resources, staff)
    assert len(await told()) == 2


async def test_what_is_older_than_it_is_kept_is_forgotten_and_nothing_else(
    resources: Resources, clock: FixedClock, owner: Any
) -> None:
    await look(resources, AIGUL)
    clock.advance(timedelta(days=resources.config.looks_kept_days - 1))
    await look(resources, BOLAT)
    await service.forget(resources)
    assert {n.person_id for n in await noted(owner, "ListSomebody")} == {AIGUL, BOLAT}
    clock.advance(timedelta(days=2))
    await service.forget(resources)
    await service.forget(resources)
    assert {n.person_id for n in await noted(owner, "ListSomebody")} == {BOLAT}
    facts = "SELECT count(*) FROM kernel.event WHERE kind = 'AccessRecordsForgotten'"
    assert await owner.fetchval(facts) == 2  # each move of the horizon
    with pytest.raises(asyncpg.RestrictViolationError, match="never moves back"):
        await owner.execute(
            "UPDATE registry.access_horizon SET before = $1", datetime(2026, 1, 1, tzinfo=UTC)
        )
