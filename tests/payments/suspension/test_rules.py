"""Causes to suspend, and the four months of M §16 by the vectors of domain 3.20 and 4.2."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.calendar import LegalCalendar
from backend.payments.suspension import rules
from backend.payments.suspension.model import Visited
from backend.sources.permits.model import Activity, Annex, Holder, Licence, Status
from backend.sources.tax.debts import Debt, Kind, LatePayment, Payer

CLINIC = UUID(int=7)
AS_OF = datetime(2026, 6, 10, 5, tzinfo=UTC)
SINCE = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("detected", "last", "terminated"),
    [
        ("2026-06-10T05:00", date(2026, 10, 12), date(2026, 10, 13)),  # 10 October is a Saturday
        ("2026-06-09T19:30", date(2026, 10, 12), date(2026, 10, 13)),  # the 10th in Kazakhstan
        ("2026-03-31T05:00", date(2026, 7, 31), date(2026, 8, 1)),
        ("2026-10-31T05:00", date(2027, 3, 1), date(2027, 3, 2)),
        ("2026-04-30T05:00", date(2026, 8, 31), date(2026, 9, 1)),
    ],
)
def test_four_months_end_on_a_working_day(
    calendar: LegalCalendar, detected: str, last: date, terminated: date
) -> None:
    at = datetime.fromisoformat(detected).replace(tzinfo=UTC)
    assert rules.remove_by(calendar, at) == last
    assert rules.terminated_from(last) == terminated


@given(st.integers(0, 50_000), st.integers(0, 50_000))
def test_half_of_the_cases_passes_one_more_does_not(cases: int, no_qr: int) -> None:
    """S3: strictly more than half, in whole numbers (domain 12)."""
    assert rules.without_qr_too_often(no_qr, cases) == (no_qr > cases / 2)
    assert not rules.without_qr_too_often(cases, 2 * cases)
    assert rules.without_qr_too_often(cases + 1, 2 * cases + 1)


def payer(*debts: Debt, late: tuple[LatePayment, ...] = ()) -> Payer:
    return Payer("061211600012", AS_OF, debts, late)


def paid(due_on: date, paid_on: date | None) -> LatePayment:
    return LatePayment(Kind.SOCIAL, 100, due_on, paid_on)  # type: ignore[arg-type]


OLD_DEBT = Debt(Kind.TAX, 100, date(2020, 1, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (payer(), False),
        (payer(OLD_DEBT), True),  # what is owed now counts whenever it began (D37)
        (payer(late=(paid(date(2026, 4, 1), date(2026, 4, 2)),)), True),
        (payer(late=(paid(date(2026, 3, 31), date(2026, 4, 2)),)), False),
        (payer(late=(paid(date(2026, 3, 1), None),)), True),  # not paid yet
    ],
)
def test_who_owes_gives_cause(record: Payer, found: bool) -> None:
    assert (rules.owes(CLINIC, record, SINCE) is not None) is found


@pytest.mark.parametrize(
    ("document", "stands"),
    [(date(2026, 6, 9), True), (date(2026, 6, 10), True), (date(2026, 6, 11), False)],
)
def test_a_record_of_the_documents_day_or_later_contradicts_it(
    document: date, stands: bool
) -> None:
    assert rules.still_owes(payer(OLD_DEBT), document) is stands
    assert not rules.still_owes(payer(late=(paid(SINCE, date(2026, 4, 2)),)), document)
    assert rules.still_unlicensed(holder(), ["Абай 10", "Сарыарқа 1"], document) is stands
    assert not rules.still_unlicensed(holder(), ["Абай 10"], document)


def holder(**changed: Any) -> Holder:
    annex = Annex("1", "Абай, 10", ("терапия",), Status.VALID, date(2020, 1, 1), **changed)
    licence = Licence("1", Activity.MEDICAL, Status.VALID, date(2020, 1, 1), annexes=(annex,))
    return Holder("061211600012", AS_OF, (licence,))


def test_days_after_the_record_say_nothing_yet() -> None:
    def visited(*days: date) -> list[Visited]:
        return [Visited(CLINIC, UUID(int=8), "Сарыарқа 1", days)]

    assert rules.places_unlicensed(CLINIC, holder(), visited(date(2026, 6, 11))) is None
    cause = rules.places_unlicensed(
        CLINIC, holder(), visited(date(2026, 6, 9), date(2026, 6, 10), date(2026, 6, 11))
    )
    assert cause is not None
    assert (cause.basis, cause.facts["places"][0]["days"]) == ("licence: 1", 2)
