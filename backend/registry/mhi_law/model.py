"""The law's figures as they are shown, and what the registrar signs to enter those of a new year."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from backend.kernel.money import tenge
from backend.registry.entitlement.categories import Category
from backend.registry.entitlement.rates import MhiRate

WAGE_MIN = tenge(10_000)  # a slip of two digits is no wage
WAGE_MAX = tenge(10_000_000)
Line = Annotated[
    str, msgspec.Meta(min_length=5, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class SetMinimumWage(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="mhi_law.set_minimum_wage",
    tag_field="operation",
):
    """The minimum wage (MZP) from 1 January of `year`; `source`: the law, its article and paragraph."""

    year: Annotated[int, msgspec.Meta(ge=2026, le=2100)]
    amount_tiyn: Annotated[int, msgspec.Meta(ge=WAGE_MIN, le=WAGE_MAX)]
    source: Line


class SetCategory(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="mhi_law.set_category",
    tag_field="operation",
):
    """A category somebody else pays for, as it stands from `valid_from` on (MHI law art. 26)."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?\Z")]
    valid_from: date
    payer: Literal["state", "local_budget"]
    kk: Line
    ru: Line
    en: Line
    source: Line


class MinimumWage(msgspec.Struct, frozen=True):
    """A minimum wage, and what one unpaid month costs by it (M App.3 note, MHI law art. 5(3))."""

    year: int
    amount_tiyn: int
    arrears_per_month_tiyn: int
    source: str


class MhiLaw(msgspec.Struct, frozen=True):
    """Every row there is; each holds until the next of its kind."""

    minimum_wages: tuple[MinimumWage, ...]
    rates: tuple[MhiRate, ...]
    categories: tuple[Category, ...]
