"""A one-time password is six digits out of a million, and five tries are all."""

from collections import Counter

from backend.egov_adapter.citizen import rules


def test_codes_are_six_digits_and_spread() -> None:
    codes = [rules.new_code() for _ in range(2000)]
    assert all(len(c) == 6 and c.isdigit() for c in codes)
    assert len(set(codes)) > 1950
    assert set(Counter(c[0] for c in codes)) == set("0123456789")


def test_the_odds_of_guessing_stay_below_five_in_a_million() -> None:
    assert rules.MAX_TRIES / 10**rules.OTP_DIGITS <= 5e-6
