from datetime import date

import pytest

from backend.kernel.money import tenge
from backend.registry.entitlement.categories import CATEGORIES, category_on
from backend.registry.entitlement.errors import MinimumWageUnknown, RateUnknown
from backend.registry.entitlement.rates import (
    RATES,
    Payer,
    arrears_per_month,
    minimum_wage,
    monthly_payment,
    rate_on,
)

IN_2026 = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("payer", "income_kzt", "payment_kzt"),
    [
        (Payer.EMPLOYEE, 1_700_000, 34_000),  # at the cap of 20 MZP
        (Payer.EMPLOYEE, 9_999_999, 34_000),
        (Payer.EMPLOYEE, 300_000, 6_000),
        (Payer.EMPLOYER, 3_400_000, 102_000),  # at the cap of 40 MZP
        (Payer.EMPLOYER, 9_999_999, 102_000),
        (Payer.CONTRACTOR, 1_700_001, 34_000),
        (Payer.SOLE_PROPRIETOR, 0, 5_950),  # 5 % of 1.4 MZP, whatever the income
        (Payer.SOLE_PROPRIETOR, 1_000_000, 5_950),
        (Payer.SELF_PAYER, 0, 4_250),
        (Payer.SELF_EMPLOYED, 500_000, 5_000),
    ],
)
def test_the_published_amounts_of_2026(payer: Payer, income_kzt: int, payment_kzt: int) -> None:
    assert monthly_payment(payer, IN_2026, tenge(income_kzt)) == tenge(payment_kzt)


def test_the_states_published_payments() -> None:
    # average wages behind 4 505.6 KZT (2023) and 5 852 KZT (2024) of domain 5.6
    assert monthly_payment(Payer.STATE, date(2023, 5, 1), 25_031_111) == 450_560
    assert monthly_payment(Payer.STATE, date(2024, 5, 1), tenge(308_000)) == tenge(5_852)


def test_caps_were_lower_before_2026() -> None:
    assert monthly_payment(Payer.EMPLOYEE, date(2025, 12, 31), tenge(1_700_000)) == tenge(17_000)
    assert monthly_payment(Payer.EMPLOYER, date(2025, 12, 31), tenge(3_400_000)) == tenge(25_500)


@pytest.mark.parametrize(
    ("payer", "day", "rate_bp"),
    [
        (Payer.EMPLOYER, date(2017, 7, 1), 100),
        (Payer.EMPLOYER, date(2019, 12, 31), 150),
        (Payer.EMPLOYER, date(2021, 12, 31), 200),
        (Payer.EMPLOYER, date(2022, 1, 1), 300),
        (Payer.EMPLOYEE, date(2020, 12, 31), 100),
        (Payer.STATE, date(2026, 12, 31), 200),
        (Payer.STATE, date(2027, 1, 1), 220),
    ],
)
def test_a_rate_holds_until_the_next(payer: Payer, day: date, rate_bp: int) -> None:
    assert rate_on(payer, day).rate_bp == rate_bp


def test_what_no_source_gives_is_refused() -> None:
    with pytest.raises(RateUnknown):
        rate_on(Payer.EMPLOYER, date(2017, 6, 30))
    with pytest.raises(MinimumWageUnknown):
        minimum_wage(2023)
    assert monthly_payment(Payer.SELF_PAYER, date(2027, 1, 1)) == tenge(4_250)
    assert arrears_per_month(2026) == tenge(4_250)


def test_every_rate_has_a_source_and_a_day_of_its_own() -> None:
    assert all(row.source for row in RATES)
    assert len({(row.payer, row.valid_from) for row in RATES}) == len(RATES)


def test_categories_are_whole_in_three_languages() -> None:
    assert {c.code for c in CATEGORIES} == {str(n) for n in range(1, 16)}
    assert all(c.kk and c.ru and c.en for c in CATEGORIES)
    assert category_on("2", date(2025, 12, 31)).payer is Payer.STATE
    assert category_on("2", date(2026, 1, 1)).payer is Payer.LOCAL_BUDGET
