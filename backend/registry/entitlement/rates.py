"""Public-law parameters of the insurance, versioned (domain 5.6), as this release knows them.

The database has the same rows and those entered since (`law`); the pure tools use these.

A row holds from `valid_from` until the next row of its payer. What no source gives is not in the
tables: asking for it is refused, never guessed. The MHI shares of the single payroll payment are
missing for that reason: no source gives the share for 2026.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from backend.kernel.money import Tiyn, round_half_up, tenge
from backend.registry.entitlement.errors import MinimumWageUnknown, RateUnknown

# Minimum wage (MZP) by the year it is set from: 85 000 KZT since 2024, unchanged in 2026. Domain 5.6:
# news.mail.ru 69248508, lada.kz 147594. As every row here it holds until the next one, so that a
# status can be told in the first days of a year.
MINIMUM_WAGE: Final[Mapping[int, Tiyn]] = MappingProxyType({2024: tenge(85_000)})
# M App.3 note, MHI law art. 5(3): 5 % of the minimum wage for each unpaid month.
ARREARS_PERCENT: Final = 5
# M App.3 note: not more than the twelve months before the payment.
ARREARS_MONTHS: Final = 12


class Payer(StrEnum):
    """Who pays contributions or deductions."""

    EMPLOYER = "employer"
    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"
    SOLE_PROPRIETOR = "sole_proprietor"
    SELF_PAYER = "self_payer"
    SELF_EMPLOYED = "self_employed"
    STATE = "state"
    LOCAL_BUDGET = "local_budget"


class Base(StrEnum):
    """What the rate is taken of."""

    INCOME = "income"  # of the month
    MINIMUM_WAGE = "minimum_wage"  # so many tenths of it
    AVERAGE_WAGE = "average_wage"  # of the country, two years before
    REGIONAL_WAGE = "regional_wage"  # the region's average


class MhiRate(msgspec.Struct, frozen=True):
    """A rate in hundredths of a per cent. `wage_tenths` is the fixed base, or the cap of the income,
    in tenths of the minimum wage; None: no cap."""

    payer: Payer
    valid_from: date
    rate_bp: int
    base: Base
    wage_tenths: int | None
    source: str


_MEM: Final = "domain 5.6 [MEM]"
_CAPS_2026: Final = "domain 5.6, alau.kz dohody-obespechennyh, lada.kz 147594"
RATES: Final = (
    MhiRate(Payer.EMPLOYER, date(2017, 7, 1), 100, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYER, date(2018, 1, 1), 150, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYER, date(2020, 1, 1), 200, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYER, date(2022, 1, 1), 300, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYER, date(2026, 1, 1), 300, Base.INCOME, 400, _CAPS_2026),
    MhiRate(Payer.EMPLOYEE, date(2020, 1, 1), 100, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYEE, date(2021, 1, 1), 200, Base.INCOME, 100, _MEM),
    MhiRate(Payer.EMPLOYEE, date(2026, 1, 1), 200, Base.INCOME, 200, _CAPS_2026),
    MhiRate(Payer.CONTRACTOR, date(2026, 1, 1), 200, Base.INCOME, 200, "zakon.kz 6494578"),
    MhiRate(
        Payer.SOLE_PROPRIETOR,
        date(2024, 1, 1),
        500,
        Base.MINIMUM_WAGE,
        14,
        "gp8.kz 7621, mgorod.kz",
    ),
    MhiRate(Payer.SELF_PAYER, date(2026, 1, 1), 500, Base.MINIMUM_WAGE, 10, "lada.kz 147594"),
    MhiRate(
        Payer.SELF_EMPLOYED,
        date(2026, 1, 1),
        100,
        Base.INCOME,
        None,
        "zakon.kz 6494578, lada.kz 144664",
    ),
    MhiRate(Payer.STATE, date(2023, 1, 1), 180, Base.AVERAGE_WAGE, None, "cdb.kz, mgorod.kz"),
    MhiRate(Payer.STATE, date(2024, 1, 1), 190, Base.AVERAGE_WAGE, None, "informburodata.com"),
    MhiRate(Payer.STATE, date(2025, 1, 1), 200, Base.AVERAGE_WAGE, None, "inform.kz 9bdef6"),
    MhiRate(Payer.STATE, date(2027, 1, 1), 220, Base.AVERAGE_WAGE, None, "inform.kz 9bdef6"),
    MhiRate(
        Payer.LOCAL_BUDGET, date(2026, 1, 1), 200, Base.REGIONAL_WAGE, None, "rus.baq.kz 300030222"
    ),
)


def minimum_wage(year: int, wages: Mapping[int, Tiyn] = MINIMUM_WAGE) -> Tiyn:
    """The minimum wage (MZP) of `year`, in tiyn. Raises MinimumWageUnknown before the first row."""
    set_in = max((first for first in wages if first <= year), default=None)
    if set_in is None:
        raise MinimumWageUnknown(year)
    return wages[set_in]


def arrears_per_month(year: int, wages: Mapping[int, Tiyn] = MINIMUM_WAGE) -> Tiyn:
    """What one unpaid month costs when paid in `year`, in tiyn. Raises MinimumWageUnknown."""
    return Tiyn(round_half_up(minimum_wage(year, wages) * ARREARS_PERCENT, 100))


def rate_on(payer: Payer, day: date, rates: Sequence[MhiRate] = RATES) -> MhiRate:
    """The rate of `payer` in force on `day`. Raises RateUnknown."""
    rows = [row for row in rates if row.payer is payer and row.valid_from <= day]
    if not rows:
        raise RateUnknown(payer=payer.value, year=day.year)
    return max(rows, key=lambda row: row.valid_from)


def monthly_payment(
    payer: Payer,
    day: date,
    base_tiyn: int = 0,
    *,
    rates: Sequence[MhiRate] = RATES,
    wages: Mapping[int, Tiyn] = MINIMUM_WAGE,
) -> Tiyn:
    """What `payer` owes for the month of `day`, in tiyn.

    `base_tiyn` is the month's income or the average wage the rate is taken of; payers with a
    fixed base ignore it. Raises RateUnknown, MinimumWageUnknown.
    """
    rate = rate_on(payer, day, rates)
    if rate.wage_tenths is None:
        base = base_tiyn * 10
    else:
        limit = minimum_wage(day.year, wages) * rate.wage_tenths
        base = limit if rate.base is Base.MINIMUM_WAGE else min(base_tiyn * 10, limit)
    return Tiyn(round_half_up(base * rate.rate_bp, 100_000))
