"""Tracking numbers: random, with a check symbol, forgiving in how they are typed."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.egov_adapter.complaint import rules
from backend.egov_adapter.complaint.errors import ComplaintNotFound

numbers = st.text(rules.ALPHABET, min_size=12, max_size=12).map(
    lambda body: body + rules.check_symbol(body)
)


def test_numbers_are_thirteen_symbols_and_never_twice() -> None:
    made = {rules.new_tracking_number() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(n) == 13 and set(n) <= set(rules.ALPHABET) for n in made)


@given(numbers)
@settings(max_examples=50, deadline=None)
def test_a_number_is_read_as_people_write_it(number: str) -> None:
    spoken = f"{number[:4]}-{number[4:8]} {number[8:]}".lower().replace("1", "l").replace("0", "o")
    assert rules.read_tracking_number(spoken) == number


@given(numbers, st.integers(0, 12), st.sampled_from(rules.ALPHABET))
@settings(max_examples=200, deadline=None)
def test_every_mistyped_symbol_is_found(number: str, place: int, symbol: str) -> None:
    mistyped = number[:place] + symbol + number[place + 1 :]
    if mistyped != number:
        with pytest.raises(ComplaintNotFound):
            rules.read_tracking_number(mistyped)


@given(st.text(max_size=50))
@settings(max_examples=100, deadline=None)
def test_odd_texts_are_no_numbers(text: str) -> None:
    with contextlib.suppress(ComplaintNotFound):
        assert len(rules.read_tracking_number(text)) == 13
