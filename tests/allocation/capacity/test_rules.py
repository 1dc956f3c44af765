"""What is known of a capacity, and what may be counted once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.capacity import rules
from backend.allocation.capacity.model import (
    Applicant,
    Freshness,
    Measured,
    Partner,
    Reading,
    ReadingOutcome,
)

NOW = datetime(2026, 5, 14, 5, tzinfo=UTC)
OLD = NOW - timedelta(days=30)
ABSENT, SILENT = ReadingOutcome.ABSENT, ReadingOutcome.UNAVAILABLE


def known(capacity: int, as_of: datetime = NOW) -> Reading:
    return Reading("SUR", ReadingOutcome.KNOWN, capacity, as_of)


@pytest.mark.parametrize(
    ("readings", "wanted"),
    [
        ([known(10), known(7, OLD)], Measured(7, OLD)),
        ([known(7), known(10, OLD)], Measured(7, OLD)),  # as old as the older of the two
        ([known(0), known(10)], Measured(0, NOW)),  # nothing is something known
        ([known(10), Reading("SUMT", ABSENT)], Measured(10, NOW)),
        ([Reading("SUR", ABSENT), Reading("SUMT", ABSENT)], Measured(None, None)),
        ([known(10), Reading("SUMT", SILENT)], None),  # the silent one might know of less
        ([Reading("SUR", SILENT), Reading("SUMT", ABSENT)], None),
    ],
)
def test_two_answers_come_to_one(readings: list[Reading], wanted: Measured | None) -> None:
    assert rules.measured(readings) == wanted


@pytest.mark.parametrize(
    ("capacity", "as_of", "wanted"),
    [
        (5, NOW, Freshness.FRESH),
        (0, NOW - rules.FRESH_FOR, Freshness.FRESH),
        (5, NOW - rules.FRESH_FOR - timedelta(microseconds=1), Freshness.STALE),
        (None, None, Freshness.UNKNOWN),
        (None, NOW, Freshness.UNKNOWN),
    ],
)
def test_what_is_too_old_is_not_known(
    capacity: int | None, as_of: datetime | None, wanted: Freshness
) -> None:
    assert rules.freshness(capacity, as_of, NOW) is wanted


def applicant(number: int, capacity: int | None = 100, seq_no: int | None = None) -> Applicant:
    return Applicant(UUID(int=number), UUID(int=1000 + number), seq_no or number, capacity)


def partner(of: int, who: int, requested: int = 50, capacity: int = 40, no: int = 1) -> Partner:
    return Partner(UUID(int=of), no, UUID(int=1000 + who), requested, capacity)


def test_a_co_executor_adds_its_capacity_and_no_more_than_its_part() -> None:
    added = rules.added_by_partners(
        [applicant(1)], [partner(1, 50), partner(1, 51, requested=10, no=2)]
    )
    assert added == {UUID(int=1): 40 + 10}


def test_it_is_counted_with_the_earliest_application_that_names_it() -> None:
    applicants = [applicant(1, seq_no=9), applicant(2, seq_no=3)]
    assert rules.added_by_partners(applicants, [partner(1, 50), partner(2, 50)]) == {
        UUID(int=2): 40
    }


def test_one_who_applies_himself_is_counted_there() -> None:
    applicants = [applicant(1), applicant(2, seq_no=9)]
    assert rules.added_by_partners(applicants, [partner(1, 2)]) == {}


def test_an_unknown_capacity_stays_unknown_whoever_helps() -> None:
    """And the helper is used up: he cannot be counted elsewhere on the line for that."""
    applicants = [applicant(1, capacity=None), applicant(2)]
    assert rules.added_by_partners(applicants, [partner(1, 50), partner(2, 50)]) == {}


parts = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 99), st.integers(0, 99))


@given(st.lists(parts, max_size=12))
def test_no_capacity_is_counted_twice(rows: list[tuple[int, int, int, int]]) -> None:
    own = {who: capacity for _, who, _, capacity in rows}
    applicants = [applicant(n) for n in range(1, 5)]
    partners = [
        partner(of, who, asked, own[who], no) for no, (of, who, asked, _) in enumerate(rows)
    ]
    added = rules.added_by_partners(applicants, partners)
    helpers = {who for _, who, _, _ in rows if who > 4}
    assert sum(added.values()) <= sum(own[who] for who in helpers)
    assert added == rules.added_by_partners(reversed(applicants), reversed(partners))
