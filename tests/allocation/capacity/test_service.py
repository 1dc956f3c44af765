"""Capacities from two outside systems into a decision, with their age; the unknown stops a line."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from backend.allocation.application.model import CoExecutorRequest, FormOfCoExecutor, Part
from backend.allocation.capacity import jobs as capacity_jobs
from backend.allocation.capacity import rules, service
from backend.allocation.capacity.model import Freshness, Run
from backend.allocation.decision import publication
from backend.allocation.decision import service as decisions
from backend.allocation.decision.model import Unit
from backend.allocation.decision.record import ShareView
from backend.allocation.decision.refusals import LineUncomputable
from backend.allocation.plan import service as plans
from backend.allocation.rating import service as ratings
from backend.allocation.rating.model import CapacityRow, ImportCapacities
from backend.kernel.actor import SYSTEM, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.sources.exchange import SourceUnavailable
from infra.sandbox.capacity import Key, Mood, register
from infra.sandbox.state import Sandbox
from tests.allocation.conftest import (
    CDC,
    EMG,
    HEAD,
    ISSUER_BIN,
    Executor,
    Publish,
    PublishedPlan,
    Review,
    Submit,
    bin_of,
)
from tests.allocation.conftest import register as register_organisation

Told = Callable[..., None]
Placed = Callable[..., Awaitable[PublishedPlan]]


@pytest.fixture
def told(sandbox: Sandbox, clock: FixedClock) -> Told:
    """`told(bin, sur=…, sumt=…)`: what the systems keep about consultations in region 75."""

    def records(bin_: str, at: datetime | None = None, **capacities: int) -> None:
        for system, capacity in capacities.items():
            key = Key(bin_, "cdc", "75", "service")
            register(sandbox, system).records[key] = (capacity, at or clock.now())

    return records


@pytest.fixture
def placed(
    publish: Publish, submit: Submit, review: Review, executors: list[Executor], clock: FixedClock
) -> Placed:
    """`await placed(n)`: the first n executors applied for consultations; the window is over."""

    async def applied(count: int = 2, **rest: Any) -> PublishedPlan:
        plan = await publish()
        for executor in executors[:count]:
            taken = await submit(plan, executor, {CDC: 2000}, **rest)
            rest = {}
            await review(taken.application_id)
        clock.set(plan.accepting_until + timedelta(hours=12))
        return plan

    return applied


async def measured(connected: Resources, plan: PublishedPlan) -> Run:
    run = await service.measure(connected, SYSTEM, plan.announcement_id)
    assert run is not None
    return run


async def decided(
    resources: Resources, plan: PublishedPlan, calendar: LegalCalendar
) -> list[ShareView]:
    db = resources.db.allocation
    made = await decisions.decide(db, resources.clock, calendar, HEAD, plan.announcement_id)
    return await publication.shares(db, HEAD, "en", made.decision_id, None, 100)


async def test_what_both_systems_say_becomes_the_base_and_is_frozen_with_its_age(
    connected: Resources,
    placed: Placed,
    told: Told,
    executors: list[Executor],
    calendar: LegalCalendar,
    clock: FixedClock,
    owner: asyncpg.Connection,
) -> None:
    plan = await placed(2)
    made = clock.now() - timedelta(days=20)
    told(executors[0].bin, sur=1200, sumt=1000)
    told(executors[1].bin, made, sur=700)  # no device is needed, so none is kept
    run = await measured(connected, plan)
    assert (run.asked, run.known, run.absent, run.unavailable) == (2, 3, 1, 0)
    shares = await decided(connected, plan, calendar)
    # newcomers: group V, 25 % of the smaller of the two capacities
    assert [(s.min, s.allocated) for s in shares] == [(250, 250), (175, 175)]
    assert shares[0].origin is not None
    assert shares[1].origin is not None
    assert (shares[0].origin.own_capacity, shares[0].origin.capacity_as_of) == (1000, clock.now())
    assert (shares[1].origin.own_capacity, shares[1].origin.capacity_as_of) == (700, made)
    assert shares[0].origin.capacity_run_id == run.run_id
    # what the systems say later changes nothing that was decided
    told(executors[0].bin, sur=1, sumt=1)
    await measured(connected, plan)
    assert await owner.fetchval("SELECT min(allocated) FROM allocation.share") == 175
    for table in ("capacity_reading", "capacity_measured", "capacity_run"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(f"DELETE FROM allocation.{table}")


async def test_a_silent_system_leaves_it_unknown_and_the_line_waits(
    connected: Resources,
    placed: Placed,
    told: Told,
    executors: list[Executor],
    sandbox: Sandbox,
    calendar: LegalCalendar,
) -> None:
    plan = await placed(1)
    told(executors[0].bin, sur=1200, sumt=1000)
    for mood in (Mood(silent=True), Mood(forgetful=True)):
        register(sandbox, "sumt").mood = mood
        run = await measured(connected, plan)
        assert (run.known, run.unavailable) == (1, 1)
        with pytest.raises(LineUncomputable) as refused:
            await decided(connected, plan, calendar)
        assert refused.value.actual_code == "MISSING_CAPACITY"
    payload = {"subject": str(plan.announcement_id)}
    with pytest.raises(SourceUnavailable):  # the job is tried again
        await capacity_jobs.measure(connected, payload)
    register(sandbox, "sumt").mood = Mood()
    await capacity_jobs.measure(connected, payload)
    assert [s.allocated for s in await decided(connected, plan, calendar)] == [250]


async def test_what_was_known_holds_with_its_age_while_a_system_is_silent(
    connected: Resources,
    placed: Placed,
    told: Told,
    executors: list[Executor],
    sandbox: Sandbox,
    clock: FixedClock,
    calendar: LegalCalendar,
) -> None:
    plan = await placed(1)
    told(executors[0].bin, sur=1200, sumt=1000)
    await measured(connected, plan)
    register(sandbox, "sur").mood = Mood(silent=True)
    clock.advance(timedelta(hours=1))
    await measured(connected, plan)
    db = connected.db.allocation
    (view,) = await service.capacities(db, plan.announcement_id, clock.now(), None, 10)
    assert (view.row.capacity, view.freshness) == (1000, Freshness.FRESH)
    assert (view.row.sur, view.row.sumt) == ("UNAVAILABLE", "KNOWN")
    clock.advance(rules.FRESH_FOR)
    (view,) = await service.capacities(db, plan.announcement_id, clock.now(), None, 10)
    assert view.freshness is Freshness.STALE
    with pytest.raises(LineUncomputable):
        await decided(connected, plan, calendar)


async def test_a_paper_stands_in_where_no_system_keeps_a_record(
    connected: Resources,
    placed: Placed,
    told: Told,
    executors: list[Executor],
    clock: FixedClock,
    calendar: LegalCalendar,
) -> None:
    plan = await placed(1)
    db = connected.db.allocation
    row = CapacityRow(executors[0].bin, "cdc", "75", Unit.SERVICE, 400)
    await ratings.import_capacities(
        db, clock, HEAD, ImportCapacities("Басқарма", "2026", "Хат 17-2", [row])
    )
    clock.advance(timedelta(minutes=1))
    run = await measured(connected, plan)
    assert (run.absent, run.known) == (2, 0)
    (share,) = await decided(connected, plan, calendar)
    assert share.origin is not None
    assert (share.allocated, share.origin.own_capacity) == (100, 400)
    assert share.origin.capacity_import_id is not None
    # a newer word of a system is in force; a record taken back is not
    told(executors[0].bin, sur=300)
    clock.advance(timedelta(minutes=1))
    await measured(connected, plan)
    (view,) = await service.capacities(db, plan.announcement_id, clock.now(), None, 10)
    assert view.row.capacity == 300


async def test_a_co_executor_is_asked_about_and_counted_once_on_the_line(
    connected: Resources,
    publish: Publish,
    submit: Submit,
    review: Review,
    told: Told,
    executors: list[Executor],
    clock: FixedClock,
    calendar: LegalCalendar,
    owner: asyncpg.Connection,
) -> None:
    helper = bin_of(50)
    await register_organisation(owner, helper)
    plan = await publish()
    partner = CoExecutorRequest(
        FormOfCoExecutor.LEGAL, helper, "Емхана", [Part(plan.lines[CDC], 300)]
    )
    for executor in executors[:2]:
        taken = await submit(plan, executor, {CDC: 2000}, co_executors=[partner])
        await review(taken.application_id)
        told(executor.bin, sur=1000)
    told(helper, sur=200)
    clock.set(plan.accepting_until + timedelta(hours=12))
    run = await measured(connected, plan)
    assert run.asked == 3
    first, second = await decided(connected, plan, calendar)
    assert first.origin is not None
    assert second.origin is not None
    assert (first.origin.co_capacity, second.origin.co_capacity) == (200, 0)
    assert (first.min, second.min) == (300, 250)  # 25 % of 1,200 and of 1,000
    assert "Capacity: 1,000 of its own, 200 of co-executors" in first.explanation


async def test_a_line_that_does_not_go_by_capacity_needs_none(
    connected: Resources,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
    clock: FixedClock,
    calendar: LegalCalendar,
) -> None:
    plan = await publish()
    taken = await submit(plan, executors[0], {EMG: 1000})
    await review(taken.application_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    (share,) = await decided(connected, plan, calendar)
    assert share.allocated == 250


async def test_the_end_of_a_window_asks_by_itself_and_so_does_the_issuer(
    client: Any,
    db_allocation: Db,
    placed: Placed,
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    executors: list[Executor],
    owner: asyncpg.Connection,
) -> None:
    plan = await placed(1)
    await plans.close_windows(db_allocation, clock, calendar)
    waiting = "SELECT count(*) FROM jobs.pgqueuer WHERE entrypoint = $1"
    assert await owner.fetchval(waiting, service.JOB) == 1
    assert await service.measure(resources, SYSTEM, plan.announcement_id) is None  # none connected
    path = f"/api/v1/announcements/{plan.announcement_id}/capacities"
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        asked = await http.post(path)
        assert asked.status_code == 202
        assert await owner.fetchval(waiting, service.JOB) == 2
        (row,) = (await http.get(path)).json()["items"]
        assert (row["freshness"], row["row"]["sur"]) == ("UNKNOWN", None)
        nobody = path.replace(str(plan.announcement_id), str(plan.plan_id))
        assert (await http.post(nobody)).status_code == 404
        assert (await http.get(f"{path}?cursor=YQ")).json()["code"] == "BAD_CURSOR"
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as clinic:
        assert (await clinic.get(path)).status_code == 403
