"""Acts are checked line by line, presented once, and suspended when too few people came by QR."""

import asyncio
from collections import Counter
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import deadlines
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.errors import (
    ContractNotFound,
    ContractNotSigned,
    DuplicateAct,
    PeriodMismatch,
)
from backend.payments.act.model import ActStatus, ActWithReport, SubmitAct
from backend.payments.act.service import read
from backend.payments.suspension import rules
from backend.payments.suspension import service as suspension
from tests.payments.conftest import (
    CLINIC,
    CONTRACT,
    FROM,
    ISSUER_HEAD,
    LINE,
    OTHER_LINE,
    PEOPLE,
    TARIFF,
    TO,
    Owner,
    act,
    cases,
    iin,
    person,
    present,
)
from tests.registry.access_record.noted import noted


def codes(found: ActWithReport) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.line_no, line.codes) for line in found.report.lines]


@pytest.mark.notes("SubmitAct", "ListActCases")
async def test_a_good_act_passes_and_counts_its_evidence(world: Resources, owner: Owner) -> None:
    found = await present(world, act("7", cases([1, 2, 3, PEOPLE], units=2)))
    assert found.status is ActStatus.CHECK_PASSED
    assert (found.cases, found.no_qr, found.total_tiyn) == (4, 1, 8 * TARIFF)
    assert (found.seq_no, found.frozen, found.report.lines) == (1, None, ())
    db, clock = world.db.payments, world.clock
    lines = (await read.cases(db, clock, ISSUER_HEAD, found.act_id, None, 10)).items
    assert [c.grade for c in lines] == ["QR_ONLY"] * 3 + ["NONE"]
    assert {c.amount_tiyn for c in lines} == {2 * TARIFF}
    people = {person(n) for n in (1, 2, 3, PEOPLE)}
    for operation, role in (("SubmitAct", "executor_head"), ("ListActCases", "issuer_head")):
        looks = await noted(owner, operation)
        assert {n.person_id for n in looks} == people
        assert {(n.role, n.basis, n.basis_id) for n in looks} == {(role, "ACT", str(found.act_id))}


async def test_each_bad_line_is_told_by_number_and_code(world: Resources, owner: Owner) -> None:
    await owner.execute(
        "UPDATE registry.account SET status = 'BLOCKED' WHERE person_id = $1", person(2)
    )
    await owner.execute(
        "UPDATE registry.policy SET status = 'CANCELLED' WHERE person_id = $1", person(3)
    )
    await owner.execute("SET session_replication_role = replica")  # another clinic, unnamed
    await owner.execute(
        "UPDATE registry.attachment SET executor_id = person_id WHERE person_id IN ($1, $2)",
        person(4),
        person(10),
    )
    await owner.execute("SET session_replication_role = origin")
    good = cases(range(1, 13))
    replace = msgspec.structs.replace
    lines = [
        good[0],
        *good[1:4],
        replace(good[4], iin=iin(300)),
        replace(good[5], worker_iin=iin(300)),
        replace(good[6], line_id=OTHER_LINE),
        replace(good[7], service_date=date(2026, 4, 4)),
        replace(good[8], service_record_id=good[0].service_record_id),
        replace(good[9], referral="R-1"),
        replace(good[0], service_record_id="another"),
        replace(good[11], units=500),
    ]
    found = await present(world, act("7", lines))
    assert found.status is ActStatus.CHECK_FAILED
    assert codes(found) == [
        (2, ("ACCOUNT_BLOCKED",)),
        (3, ("POLICY_INVALID_ON_DATE",)),
        (4, ("NOT_ATTACHED",)),
        (5, ("NOT_ATTACHED",)),  # the registry does not know him, which is nobody's to learn
        (6, ("WORKER_NOT_FOUND",)),
        (7, ("SERVICE_NOT_COVERED",)),
        (8, ("PERIOD_MISMATCH",)),
        (9, ("DUPLICATE_SERVICE",)),
        (11, ("DUPLICATE_SERVICE",)),
        (12, ("OVER_CONTRACT",)),
    ]
    assert found.report.counts["DUPLICATE_SERVICE"] == 2
    # It claims nothing: the same services, put right, pass under the same number.
    again = await present(world, act("7", [good[0]]))
    assert again.status is ActStatus.CHECK_PASSED


async def test_mhi_care_needs_a_policy_with_mhi(world: Resources, owner: Owner) -> None:
    await owner.execute("UPDATE registry.policy SET mhi = false WHERE person_id = $1", person(1))
    found = await present(world, act("7", cases([1])))
    assert codes(found) == [(1, ("SERVICE_NOT_COVERED",))]


async def test_200_at_once_leave_one_act(world: Resources) -> None:
    outcomes = await asyncio.gather(
        *(present(world, act("7", cases([1, 2, 3]))) for _ in range(200)), return_exceptions=True
    )
    assert Counter(type(o) for o in outcomes) == {ActWithReport: 1, DuplicateAct: 199}
    assert len(await read.acts(world.db.payments, None, None, 0, 10)) == 1


async def test_a_service_is_presented_in_one_act_only(world: Resources) -> None:
    outcomes = await asyncio.gather(
        *(present(world, act(f"{n}", cases(range(1, 9)))) for n in range(12))
    )
    states = Counter(o.status for o in outcomes)
    assert states == {ActStatus.CHECK_PASSED: 1, ActStatus.CHECK_FAILED: 11}
    failed = next(o for o in outcomes if o.status is ActStatus.CHECK_FAILED)
    assert failed.report.counts == {"DUPLICATE_SERVICE": 8}
    # another record of the same service is the same service
    same = await present(world, act("20", cases([1], prefix="other")))
    assert codes(same) == [(1, ("DUPLICATE_SERVICE",))]
    second = await present(world, act("21", cases([1], prefix="other", episode="2")))
    assert second.status is ActStatus.CHECK_PASSED


async def test_waiting_acts_reserve_the_contract(world: Resources) -> None:
    outcomes = await asyncio.gather(
        *(present(world, act(f"{n}", cases([n], prefix=f"{n}", units=30))) for n in range(1, 13))
    )
    assert Counter(o.status for o in outcomes) == {
        ActStatus.CHECK_PASSED: 6,  # 6 x 30 of 200
        ActStatus.CHECK_FAILED: 6,
    }
    exact = await present(world, act("20", cases([20], units=20)))
    assert exact.status is ActStatus.CHECK_PASSED
    assert sorted(o.seq_no for o in [*outcomes, exact]) == list(range(1, 14))


@pytest.mark.parametrize(
    ("came", "without", "suspended"),
    [(6, 4, False), (5, 5, False), (5, 6, True), (4, 6, True)],  # half, and one case more
)
async def test_exactly_half_without_qr_passes_one_more_suspends(
    world: Resources, came: int, without: int, suspended: bool, clock: FixedClock
) -> None:
    people = [*range(1, came + 1), *range(PEOPLE - without + 1, PEOPLE + 1)]
    found = await present(world, act("7", cases(people)))
    assert (found.cases, found.no_qr) == (came + without, without)
    assert found.frozen == ("S3" if suspended else None)
    raised = await suspension.page(world.db.payments, CLINIC, None, None, 10)
    assert [(s.ground, s.contract_id, s.act_id) for s in raised] == (
        [("S3", CONTRACT, found.act_id)] if suspended else []
    )
    if suspended:
        # detected Mon 6 April, four months: Thu 6 August
        assert raised[0].remove_by == date(2026, 8, 6)
        summary = await deadlines.summary(world.db.payments, at=clock.now())
        assert [(t.code, t.running) for t in summary] == [("d7", 1)]


@given(no_qr=st.integers(0, 10**6), cases=st.integers(1, 10**6))
def test_more_than_half_and_nothing_else(no_qr: int, cases: int) -> None:
    assert rules.without_qr_too_often(no_qr, cases) == (no_qr / cases > 0.5)


async def test_what_is_no_act_of_this_contract_is_refused(world: Resources, owner: Owner) -> None:
    line = cases([1])
    for command, error in (
        (SubmitAct(LINE, "7", FROM, TO, line), ContractNotFound),
        (SubmitAct(CONTRACT, "7", TO, FROM, line), PeriodMismatch),
        (SubmitAct(CONTRACT, "7", date(2026, 3, 9), TO, line), PeriodMismatch),
        (SubmitAct(CONTRACT, "7", FROM, date(2026, 4, 7), line), PeriodMismatch),
    ):
        with pytest.raises(error):
            await present(world, command)
    await owner.execute(
        "UPDATE allocation.contract SET status = 'TERMINATED_BY_ISSUER', ended_at = formed_at"
    )
    with pytest.raises(ContractNotSigned):
        await present(world, act("7", line))
    assert await read.acts(world.db.payments, None, None, 0, 10) == []
