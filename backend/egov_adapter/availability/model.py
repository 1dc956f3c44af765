"""The measurements, and what is told of them."""

from datetime import datetime

import msgspec


class Measured(msgspec.Struct, frozen=True):
    """Minutes measured since `since` (None: none yet), and those in which the service answered."""

    since: datetime | None
    measured: int
    answered: int


class Availability(msgspec.Struct, frozen=True):
    """The last `days` days. `minutes` of them that have passed since the first measurement.

    `availability_ppm`: answered minutes in a million of all that passed; what nobody measured counts as away.
    """

    days: int
    since: datetime | None
    minutes: int
    measured: int
    answered: int
    availability_ppm: int | None
