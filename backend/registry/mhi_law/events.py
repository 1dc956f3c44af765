"""Facts about the law's figures; the subject is the proof of the registrar's signature."""

from backend.kernel.events import Event


class MinimumWageSet(Event, frozen=True):
    """The minimum wage of a year was entered."""

    year: int
    amount_tiyn: int


class CategorySet(Event, frozen=True):
    """A category was entered, or changed from a day on."""

    code: str
