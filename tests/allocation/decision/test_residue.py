"""What is left over is announced again, and what was given is no longer free (D21)."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from backend.allocation.decision import publication, residue, service
from backend.allocation.decision.record import Decision
from backend.allocation.decision.refusals import AnnouncementOpen, PlanNotInForce, ResidueNone
from backend.allocation.decision.residue import AnnounceResidue
from backend.allocation.plan.errors import DocumentMismatch, PilotExpired, PlanNotFound
from backend.allocation.plan.model import Limits, Published
from backend.allocation.rating import service as ratings
from backend.allocation.rating.model import CoefficientRow, ImportCoefficients
from backend.kernel import deadlines
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from tests.allocation.conftest import (
    CDC,
    HEAD,
    PILOT_END,
    Executor,
    Publish,
    PublishedPlan,
    Review,
    Sign,
    Story,
    Submit,
    line,
)


@pytest.fixture
def announce(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    sign: Sign,
    owner: asyncpg.Connection,
) -> Any:
    async def announced(plan_id: Any, **changed: Any) -> Published:
        newest = await owner.fetchval(
            "SELECT max(decision_id::text)::uuid FROM allocation.decision"
        )
        after = changed.get("after", newest or uuid7())
        command = AnnounceResidue(changed.get("named", plan_id), after)
        return await residue.announce(
            db_allocation, clock, calendar, HEAD, plan_id, sign(command, HEAD),
            pilot_valid_to=changed.get("until", PILOT_END),
        )  # fmt: skip

    return announced


async def test_the_residue_is_shared_out_to_those_who_have_capacity_left(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
    announce: Any,
    sign_decision: Any,
    owner: asyncpg.Connection,
) -> None:
    """TV06 goes on: A took all it asked for, 300 of a capacity of 1,000; 1,700 are left over."""
    plan = await publish([line(CDC, planned_units=2000)])
    taken = await submit(plan, executors[0], {CDC: 300})
    await review(taken.application_id)
    with pytest.raises(AnnouncementOpen):
        await announce(plan.plan_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    first = await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    with pytest.raises(AnnouncementOpen):  # it is not signed: it may be refused yet
        await announce(plan.plan_id)
    await sign_decision(first)

    again = await announce(plan.plan_id)
    assert await owner.fetchval(
        "SELECT units FROM allocation.announcement_line WHERE announcement_id = $1",
        again.announcement_id,
    ) == 1700  # fmt: skip
    assert {t.code: t.running for t in await deadlines.summary(db_allocation, at=clock.now())}["d2"]
    with pytest.raises(AnnouncementOpen):
        await announce(plan.plan_id)

    second_plan = PublishedPlan(
        plan.plan_id, again.announcement_id, again.accepting_until, plan.lines
    )
    for executor in executors[:2]:
        taken = await submit(second_plan, executor, {CDC: 2000})
        await review(taken.application_id)
    clock.set(again.accepting_until + timedelta(hours=12))
    second = await service.decide(db_allocation, clock, calendar, HEAD, again.announcement_id)
    a, b = await publication.shares(db_allocation, HEAD, "en", second.decision_id, None, 10)
    # A has 700 of 1,000 left, so 80..95 % of 700; B has its 700
    assert [(s.min, s.max, s.allocated) for s in (a, b)] == [(560, 665, 665), (560, 665, 665)]
    assert a.origin is not None
    assert (a.origin.own_capacity, a.origin.given_before) == (1000, 300)
    assert "300 allocated on this line before" in a.explanation
    assert second.residue_tiyn == (1700 - 1330) * 1_234_567
    # a third time, and the limits count what all of them gave
    await sign_decision(second)
    third = await announce(plan.plan_id)
    assert await owner.fetchval(
        "SELECT units FROM allocation.announcement_line WHERE announcement_id = $1",
        third.announcement_id,
    ) == 370  # fmt: skip


async def test_a_lapsed_contract_is_left_over_again_and_its_money_is_not_spent(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
    announce: Any,
    sign_decision: Any,
    owner: asyncpg.Connection,
) -> None:
    tight = Limits(10**13, 1000 * 1_234_567)  # the plan and not a tiyn more
    plan = await publish([line(CDC, planned_units=1000)], limits=tight)
    taken = await submit(plan, executors[0], {CDC: 2000})
    await review(taken.application_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    first = await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    await sign_decision(first)
    await owner.execute(
        "UPDATE allocation.contract SET status = 'LAPSED', ended_at = $1, end_ground = 'D7',"
        " issuer_signed_at = $1, issuer_evidence_id = (SELECT min(evidence_id::text)::uuid"
        " FROM signing.evidence)",
        clock.now(),
    )
    again = await announce(plan.plan_id)
    second_plan = PublishedPlan(
        plan.plan_id, again.announcement_id, again.accepting_until, plan.lines
    )
    taken = await submit(second_plan, executors[0], {CDC: 2000})
    await review(taken.application_id)
    clock.set(again.accepting_until + timedelta(hours=12))
    second = await service.decide(db_allocation, clock, calendar, HEAD, again.announcement_id)
    (share,) = await publication.shares(db_allocation, HEAD, "en", second.decision_id, None, 10)
    assert share.origin is not None
    assert (share.allocated, share.origin.given_before) == (950, 0)
    signed = await sign_decision(second)
    assert signed.status == "SIGNED"


async def test_nothing_is_announced_without_a_residue_or_a_plan_in_force(
    story: Story, decided: Decision, announce: Any, sign_decision: Any, owner: asyncpg.Connection
) -> None:
    plan_id = story.plan.plan_id
    await sign_decision(decided)
    with pytest.raises(DocumentMismatch):
        await announce(plan_id, named=uuid7())
    with pytest.raises(DocumentMismatch):
        await announce(plan_id, after=uuid7())
    with pytest.raises(PlanNotFound):
        await announce(uuid7())
    with pytest.raises(PilotExpired):
        await announce(plan_id, until="2026-01-01")
    await owner.execute("UPDATE allocation.plan SET status = 'CLOSED'")
    with pytest.raises(PlanNotInForce):
        await announce(plan_id)
    assert await owner.fetchval("SELECT count(*) FROM allocation.announcement") == 1


async def test_a_plan_given_to_the_last_unit_has_no_residue(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
    announce: Any,
    sign_decision: Any,
) -> None:
    plan = await publish([line(CDC, planned_units=100)])
    taken = await submit(plan, executors[0], {CDC: 2000})
    await review(taken.application_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    decision = await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    await sign_decision(decision)
    with pytest.raises(ResidueNone):
        await announce(plan.plan_id)


async def test_a_dearer_tariff_goes_from_its_paper_into_share_and_contract(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
    announce: Any,
    sign_decision: Any,
    owner: asyncpg.Connection,
) -> None:
    """D22: the coefficient's tariff is rounded once; the line's amount is kept; money is what is left."""
    row = CoefficientRow(executors[0].bin, "cdc", "75", 1100)
    command = ImportCoefficients("Тариф 170", "2026", "Бұйрық", [row])
    await ratings.import_coefficients(db_allocation, clock, HEAD, command)
    plan = await publish([line(CDC, planned_units=1000)])
    taken = await submit(plan, executors[0], {CDC: 2000})
    await review(taken.application_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    decision = await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    (share,) = await publication.shares(db_allocation, HEAD, "en", decision.decision_id, None, 10)
    # 950 x 1,358,024 is more than 1,000 x 1,234,567: 41 go back
    assert share.allocated == 1000 * 1_234_567 // 1_358_024 == 909
    assert share.amount_tiyn == 909 * 1_358_024 <= 1000 * 1_234_567
    assert "41 was taken back" in share.explanation
    assert share.origin is not None
    assert share.origin.coefficient_import_id is not None
    await sign_decision(decision)
    kept = await owner.fetchrow(
        "SELECT units, tariff_tiyn, amount_tiyn FROM allocation.contract_line"
    )
    assert tuple(kept) == (909, 1_358_024, 909 * 1_358_024)
    with pytest.raises(ResidueNone):  # 91 services are left, and money for none of them
        await announce(plan.plan_id)
