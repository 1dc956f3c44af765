"""Staff over a real database: late, doubled, out of order, at once, repaired."""

import asyncio
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.feed.model import FeedAnswer
from backend.registry.repair import service as repairs
from backend.registry.worker import service as workers
from backend.registry.worker.model import StaffBatch, StaffEntry, Worker
from tests.registry.conftest import CLINIC_BIN, MIS, Register, iin_of, number

DAY = date(2026, 3, 1)
DOCTOR = iin_of(501)


async def send(resources: Resources, *rows: StaffEntry) -> FeedAnswer:
    return await workers.employ(resources, MIS, StaffBatch(uuid4(), rows))


def told(
    day: int, speciality: str, *, seq: int = 0, active: bool = True, iin: str = DOCTOR
) -> StaffEntry:
    return StaffEntry(CLINIC_BIN, iin, speciality, active, DAY + timedelta(days=day), seq)


async def found(resources: Resources, executor_id: UUID, iin: str = DOCTOR) -> Worker:
    known = await workers.workers(resources.db.payments, resources.keyring, executor_id, [iin])
    return known[iin]


async def test_the_last_since_holds_whatever_came_last(
    resources: Resources, clinic: Organisation
) -> None:
    left = told(20, "therapist", active=False)
    assert (await send(resources, left)).changed == 1
    late = await send(resources, told(0, "therapist"), told(10, "surgeon"))
    assert (late.accepted, late.changed) == (2, 0)
    held = await found(resources, clinic.organisation_id)
    assert (held.speciality, held.active) == ("therapist", False)
    again = await send(resources, left, told(10, "surgeon"))
    assert (again.accepted, again.repeated, again.changed) == (0, 2, 0)
    corrected = await send(resources, told(20, "surgeon", seq=1))
    assert corrected.changed == 1
    assert (await found(resources, clinic.organisation_id)).active


@given(
    facts=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("абв"), st.booleans()),
        min_size=1,
        max_size=10,
    ),
    lot=st.randoms(use_true_random=False),
)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_order_and_repeats_end_the_same(
    resources: Resources,
    clinic: Organisation,
    facts: list[tuple[int, int, str, bool]],
    lot: random.Random,
) -> None:
    twins = [iin_of(base) for base in lot.sample(range(1_000, 9_000), 2)]
    shuffled = facts + lot.choices(facts, k=3)
    lot.shuffle(shuffled)
    for iin, rows, size in ((twins[0], facts, len(facts)), (twins[1], shuffled, 2)):
        entries = [told(d, s, seq=n, active=a, iin=iin) for d, n, s, a in rows]
        for start in range(0, len(entries), size):
            await send(resources, *entries[start : start + size])
    one, other = [await found(resources, clinic.organisation_id, iin) for iin in twins]
    assert (one.speciality, one.active) == (other.speciality, other.active)
    day, seq, _, _ = max(facts)
    meant = {(s, a) for d, n, s, a in facts if (d, n) == (day, seq)}
    assert (one.speciality, one.active) in meant
    assert one.active is all(a for _, a in meant)


async def test_batches_of_the_same_workers_at_once(
    resources: Resources, clinic: Organisation, owner: Any
) -> None:
    people = [iin_of(n) for n in range(520, 550)]
    batches = [
        [told(day, f"speciality {day}", iin=iin) for iin in random.Random(day).sample(people, 30)]
        for day in range(6)
    ]
    await asyncio.gather(*(send(resources, *rows) for rows in batches))
    rows = await owner.fetch("SELECT speciality, count(*) FROM registry.worker GROUP BY 1")
    assert [tuple(r) for r in rows] == [("speciality 5", 30)]


async def test_staff_of_an_executor_nobody_knows_yet_wait(
    resources: Resources, clinic: Organisation, register: Register
) -> None:
    late = number("110540")
    early = StaffEntry(late, DOCTOR, "therapist", since=DAY)
    answer = await send(resources, early, told(40, "therapist"), told(0, "x", iin="850101300001"))
    assert [r.code for r in answer.refused] == [
        "EXECUTOR_NOT_FOUND",
        "DATE_IN_FUTURE",
        "IIN_INVALID",
    ]
    assert await workers.retry(resources) == 0
    executor = await register(late)
    assert await workers.retry(resources) == 1
    assert (await found(resources, executor.organisation_id)).active
    left = await repairs.summary(resources.db.registry, MIS)
    assert [(s.feed, s.code) for s in left] == [
        ("staff", "DATE_IN_FUTURE"),
        ("staff", "IIN_INVALID"),
    ]
