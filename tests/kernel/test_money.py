from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.money import (
    AMOUNT_MAX,
    AmountInvalid,
    Language,
    for_people,
    parse_tenge,
    percent,
    plain,
    round_half_up,
    tenge,
)

AMOUNTS = st.integers(0, AMOUNT_MAX)


@pytest.mark.parametrize(
    ("amount", "language", "text"),
    [
        (1_138_270_774, "kk", "11 382 707,74 ₸"),
        (1_138_270_774, "ru", "11 382 707,74 ₸"),
        (1_138_270_774, "en", "11,382,707.74 ₸"),
        (0, "kk", "0,00 ₸"),
        (5, "ru", "0,05 ₸"),
        (99_999, "ru", "999,99 ₸"),
        (100_000, "ru", "1 000,00 ₸"),
        (-425_000, "en", "-4,250.00 ₸"),
        (-1, "kk", "-0,01 ₸"),
        (10**18, "ru", "10 000 000 000 000 000,00 ₸"),
    ],
)
def test_an_amount_for_people(amount: int, language: Language, text: str) -> None:
    shown = for_people(amount, language)
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == text
    assert " " not in shown  # an amount never breaks over two lines


@given(AMOUNTS, st.sampled_from(["kk", "ru", "en"]))
def test_separators_are_those_of_cldr(amount: int, language: Language) -> None:
    cldr = format_decimal(Decimal(amount).scaleb(-2), "#,##0.00", locale=language)
    assert for_people(amount, language) == f"{cldr}\N{NO-BREAK SPACE}₸"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("0.5", 50),
        ("0.05", 5),
        ("5950", 595_000),
        ("11382707.74", 1_138_270_774),
        ("10000000000000000.00", 10**18),
    ],
)
def test_a_decimal_number_of_tenge_is_read(text: str, amount: int) -> None:
    assert parse_tenge(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".5",
        "5.",
        "-1",
        "+1",
        "1,5",
        "1 000",
        "1.005",
        "1e3",
        "01",
        "00",
        "NaN",
        "Infinity",
        "1\n",
        " 1",
        "1_000",
        "٥",
        "10000000000000000.01",
        "9" * 10_000,
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(AmountInvalid) as refused:
        parse_tenge(text, "$.sum")
    assert refused.value.path == "$.sum"


@given(AMOUNTS)
def test_plain_is_read_back(amount: int) -> None:
    assert parse_tenge(plain(amount)) == amount


def test_plain_keeps_the_sign() -> None:
    assert [plain(a) for a in (-5, -100, -12_345)] == ["-0.05", "-1.00", "-123.45"]


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_rounding_is_exact_to_the_half(numerator: int, denominator: int) -> None:
    found = round_half_up(numerator, denominator)
    exact = Fraction(numerator, denominator)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)
    assert round_half_up(-numerator, denominator) == -found


@given(st.integers(-(10**12), 10**12))
def test_rounding_agrees_with_decimal(numerator: int) -> None:
    decimal = (Decimal(numerator) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert round_half_up(numerator, 100) == int(decimal)


@pytest.mark.parametrize("denominator", [0, -1])
def test_rounding_needs_a_denominator_above_zero(denominator: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        round_half_up(1, denominator)


def test_five_per_cent_of_the_minimum_wage() -> None:
    assert percent(tenge(85_000), 5) == tenge(4_250)
