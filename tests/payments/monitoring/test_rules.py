"""What a monitoring needs at each step, and what its protocol may say."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.calendar import LegalCalendar
from backend.kernel.errors import Refusal
from backend.payments.monitoring import rules
from backend.payments.monitoring.commands import MemberDraft
from backend.payments.monitoring.errors import CommissionIncomplete, MemberUnfit, NoticeTooLate
from backend.payments.monitoring.model import Defect, Finding
from backend.payments.monitoring.protocol_text import (
    Assessment,
    DraftProtocol,
    EarlierTask,
    Ground,
    MemberKind,
    Nonconformity,
    Outcome,
    Recommendation,
)

CLINIC, OTHER, TASK = UUID(int=1), UUID(int=2), UUID(int=3)
CONTRACTS = [UUID(int=11), UUID(int=12)]
STARTS, TODAY = date(2026, 4, 20), date(2026, 4, 22)


@pytest.mark.parametrize(
    ("planned", "last"),
    [
        ("2026-04-20", "2026-04-10"),  # C18
        ("2026-03-30", "2026-03-17"),  # Nauryz takes 21-25 March
        ("2026-05-18", "2026-05-06"),  # 8 and 12-15 May lie between; 7 May is a holiday
    ],
)
def test_five_full_working_days_lie_between(
    calendar: LegalCalendar, planned: str, last: str
) -> None:
    starts_on = date.fromisoformat(planned)
    expected = date.fromisoformat(last)
    assert rules.notify_by(calendar, starts_on) == expected
    rules.require_in_time(calendar, starts_on, expected)
    with pytest.raises(NoticeTooLate) as refused:
        rules.require_in_time(calendar, starts_on, calendar.next_working_day(expected))
    assert refused.value.facts == {"last": expected.isoformat()}


def member(kind: MemberKind, number: int) -> MemberDraft:
    return MemberDraft(kind, f"bin{kind}", "o", "n", "p", str(number))


SEATS = {kind: {f"bin{kind}"} for kind in MemberKind}
WHOLE = [member(kind, place) for place, kind in enumerate(MemberKind)]


@pytest.mark.parametrize("missing", MemberKind)
def test_a_commission_without_one_of_the_five_kinds_is_none(missing: MemberKind) -> None:
    rules.require_complete(WHOLE, SEATS)
    rest = [m for m in WHOLE if m.kind is not missing]
    with pytest.raises(CommissionIncomplete) as refused:
        rules.require_complete([*rest, rest[0]], SEATS)
    assert refused.value.facts == {"missing": missing.value}


def test_a_member_sits_once_and_for_a_body_that_has_a_seat() -> None:
    twice = [*WHOLE, member(MemberKind.ISSUER, 2)]
    with pytest.raises(MemberUnfit) as refused:
        rules.require_complete(twice, SEATS)
    assert refused.value.path == "document.members[5].iin"
    with pytest.raises(MemberUnfit) as refused:
        rules.require_complete(WHOLE, SEATS | {MemberKind.CHAMBER: {"another"}})
    assert refused.value.path == "document.members[1].bin"


DEFECTS = {
    "1.0": [
        Defect("1.0", date(2026, 1, 1), date(2026, 4, 20), "", "", "", (MemberKind.ISSUER,), ()),
        Defect("1.0", date(2026, 4, 21), None, "", "", "", (MemberKind.CHAMBER,), (Ground.T2,)),
    ]
}


def found(**changes: Any) -> Nonconformity:
    values: dict[str, Any] = {
        "executor_id": CLINIC,
        "code": "1.0",
        "found_by": MemberKind.CHAMBER,
        "text": "x",
        "recorded_on": date(2026, 4, 21),
    }
    return Nonconformity(**values | changes)


def asked(**changes: Any) -> Recommendation:
    values: dict[str, Any] = {"executor_id": CLINIC, "text": "x", "term": "5wd"}
    return Recommendation(**values | changes)


EARLIER = [EarlierTask(TASK, "2026-MON-00001", CLINIC, "x", TODAY, "KEPT")]
SAID = Assessment(TASK, Outcome.KEPT, "x")


@pytest.mark.parametrize(
    ("draft", "code", "path"),
    [
        ({}, None, None),
        ({"nonconformities": [found(ground=Ground.T2)]}, None, None),
        ({"nonconformities": [found(executor_id=OTHER)]}, "PROTOCOL_INVALID", ".executor_id"),
        ({"nonconformities": [found(recorded_on=date(2026, 4, 19))]}, "PROTOCOL_INVALID", "d_on"),
        ({"nonconformities": [found(recorded_on=date(2026, 4, 23))]}, "PROTOCOL_INVALID", "d_on"),
        ({"nonconformities": [found(code="7")]}, "DEFECT_CODE_UNKNOWN", ".code"),
        # the dictionary of the day it was recorded counts
        ({"nonconformities": [found(recorded_on=STARTS)]}, "OUTSIDE_POWERS", ".found_by"),
        ({"nonconformities": [found(found_by=MemberKind.ISSUER)]}, "OUTSIDE_POWERS", ".found_by"),
        ({"nonconformities": [found(ground=Ground.S1)]}, "DEFECT_CODE_UNKNOWN", ".ground"),
        ({"recommendations": [asked(executor_id=OTHER)]}, "PROTOCOL_INVALID", ".executor_id"),
        ({"recommendations": [asked(nonconformity=1)]}, "PROTOCOL_INVALID", ".nonconformity"),
        ({"nonconformities": [found()], "recommendations": [asked(nonconformity=1)]}, None, None),
        ({"earlier": []}, "EARLIER_UNASSESSED", "earlier"),
        ({"earlier": [SAID, SAID]}, "PROTOCOL_INVALID", "earlier[1].task_id"),
        ({"earlier": [Assessment(OTHER, Outcome.KEPT, "x")]}, "PROTOCOL_INVALID", ".task_id"),
    ],
)
def test_a_protocol_says_what_is_confirmed_within_powers(
    draft: dict[str, Any], code: str | None, path: str | None
) -> None:
    said: str | None = None
    where = None
    try:
        rules.require_draft(
            DraftProtocol(**{"earlier": [SAID], **draft}),
            covered={CLINIC},
            defects=DEFECTS,
            earlier=EARLIER,
            starts_on=STARTS,
            today=TODAY,
        )
    except Refusal as refused:
        said, where = refused.code, refused.path
    assert said == code
    assert path is None or (where or "").endswith(path)


findings = st.lists(
    st.builds(
        lambda ground, day, contract: Finding(
            UUID(int=1), UUID(int=1), CLINIC, 1, "1", "1", MemberKind.ISSUER, "x",
            date(2026, 4, day), ground, contract, None, datetime(2026, 4, 22, tzinfo=UTC),
        ),
        st.sampled_from([None, Ground.S1, Ground.T2]),
        st.integers(1, 30),
        st.sampled_from([None, *CONTRACTS]),
    ),
    max_size=8,
)  # fmt: skip


@given(findings)
def test_termination_reaches_the_contracts_that_were_named_and_no_other(
    rows: list[Finding],
) -> None:
    told = rules.consequences(rows)
    t2 = [f for f in rows if f.ground is Ground.T2]
    named = {f.contract_id for f in t2}
    stopped = {c.contract_id for c in told if c.recorded_on is not None}
    assert stopped == (set() if not t2 else {None} if None in named else named)
    for one in told:
        of = [f for f in t2 if None in named or f.contract_id == one.contract_id]
        assert one.recorded_on == min((f.recorded_on for f in of), default=None)
    s1 = [f.recorded_on for f in rows if f.ground is Ground.S1]
    assert [c.address_mismatch_on for c in told] == [
        min(s1, default=None),
        *[None] * (len(told) - 1),
    ]
    assert {c.findings for c in told} == {len(rows)}
