"""Refusals of this room."""

from backend.kernel.errors import Invalid


class BadCase(Invalid):
    """A case that contradicts itself or has a wrong shape; `path` names the place."""

    code = "BAD_CASE"

    def __init__(self, detail: str, path: str) -> None:
        super().__init__(path=path)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class MinimumWageUnknown(Invalid):
    """The minimum wage of that year is not in the table, so what is owed cannot be said."""

    code = "MINIMUM_WAGE_UNKNOWN"

    def __init__(self, year: int) -> None:
        super().__init__(path="$.on", year=year)
        self.year = year

    def __str__(self) -> str:
        return f"the minimum wage of {self.year} is not in the table of rates"


class RateUnknown(Invalid):
    """No rate of that payer is known for that day."""

    code = "RATE_UNKNOWN"
