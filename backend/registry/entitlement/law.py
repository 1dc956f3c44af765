"""The law's figures together: wages, rates, categories. What the release knows, or what a database has."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Final

import msgspec

from backend.kernel.money import Tiyn
from backend.registry.entitlement import rates
from backend.registry.entitlement.categories import CATEGORIES, Category, category_on
from backend.registry.entitlement.rates import MINIMUM_WAGE, RATES, MhiRate, Payer


class Law(msgspec.Struct, frozen=True, dict=True):
    """Figures by the day they hold from; what none of them covers is refused, never guessed."""

    minimum_wages: Mapping[int, Tiyn]
    rates: tuple[MhiRate, ...]
    categories: tuple[Category, ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the categories there are."""
        return frozenset(category.code for category in self.categories)

    def category_on(self, code: str, day: date) -> Category:
        """The category as it stands on `day`. KeyError for an unknown code."""
        return category_on(code, day, self.categories)

    def arrears_per_month(self, year: int) -> Tiyn:
        """What one unpaid month costs when paid in `year`, in tiyn. Raises MinimumWageUnknown."""
        known = self._arrears_of_years.get(year)
        if known is None:
            known = rates.arrears_per_month(year, self.minimum_wages)
            self._arrears_of_years[year] = known
        return known

    @cached_property
    def _arrears_of_years(self) -> dict[int, Tiyn]:
        """What has been asked for; every status with arrears asks."""
        return {}

    def monthly_payment(self, payer: Payer, day: date, base_tiyn: int = 0) -> Tiyn:
        """What `payer` owes for the month of `day`, in tiyn. Raises RateUnknown, MinimumWageUnknown."""
        return rates.monthly_payment(
            payer, day, base_tiyn, rates=self.rates, wages=self.minimum_wages
        )


BUILT_IN: Final = Law(MINIMUM_WAGE, RATES, CATEGORIES)
