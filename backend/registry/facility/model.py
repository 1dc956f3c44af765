"""Facilities of executors, digitised (M §6(4))."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
# Kazakhstan, with a little air: degrees north and east (WGS 84)
Latitude = Annotated[float, msgspec.Meta(ge=40.5, le=55.5)]
Longitude = Annotated[float, msgspec.Meta(ge=46.4, le=87.4)]
Capacity = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class NewFacility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A facility with its photographs (SHA-256 of the files), place and accounting data.

    `accounting_186` is what the accounting rules KR DSM-186/2020 ask, by field.
    `licence_address` is given where the licence's annex words the address otherwise, `changed_on`
    where the facility was taken into use after the registration: within one working day (M §31).
    """

    name: Text
    region: Text
    address: Text
    latitude: Latitude
    longitude: Longitude
    photo_outside_sha256: Sha256
    photo_inside_sha256: Sha256
    accounting_186: Annotated[
        dict[str, str | int | bool], msgspec.Meta(min_length=1, max_length=100)
    ]
    design_capacity: Capacity
    production: bool = True
    licence_address: Text | None = None
    changed_on: date | None = None


Accounting = Annotated[dict[str, str | int | bool], msgspec.Meta(min_length=1, max_length=100)]


class ChangeFacility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changed of a facility on `changed_on`; entered within one working day (M §31).

    None: as before. An annex's wording of the address is taken back with an empty `licence_address`.
    """

    facility_id: UUID
    changed_on: date
    name: Text | None = None
    region: Text | None = None
    address: Text | None = None
    licence_address: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    photo_outside_sha256: Sha256 | None = None
    photo_inside_sha256: Sha256 | None = None
    accounting_186: Accounting | None = None
    design_capacity: Capacity | None = None
    production: bool | None = None


class Passport(msgspec.Struct, frozen=True):
    """Everything of a facility that may change."""

    name: str
    region: str
    address: str
    licence_address: str | None
    latitude: float
    longitude: float
    photo_outside_sha256: str
    photo_inside_sha256: str
    accounting_186: dict[str, str | int | bool]
    design_capacity: int
    production: bool


class Side(StrEnum):
    """Which photograph of a facility."""

    OUTSIDE = "outside"
    INSIDE = "inside"


class CloseFacility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Care is given there no more from that day on, which may be still to come."""

    facility_id: UUID
    closed_on: date


class Facility(msgspec.Struct, frozen=True):
    """A digitised facility; `production` ones need a QR code (M §6(5))."""

    facility_id: UUID
    organisation_id: UUID
    name: str
    region: str
    address: str
    licence_address: str | None
    latitude: float
    longitude: float
    design_capacity: int
    production: bool
    photo_outside_sha256: str
    photo_inside_sha256: str
    digitised_at: datetime
    qr_obtained_at: datetime | None
    closed_on: date | None


class Owned(msgspec.Struct, frozen=True):
    """A facility and the organisation it belongs to."""

    facility_id: UUID
    organisation_id: UUID


class Near(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere in Kazakhstan; a tenth of a kilometre is near enough. It is kept nowhere."""

    latitude: Latitude
    longitude: Longitude
    limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5


class Nearby(msgspec.Struct, frozen=True):
    """A place where care is given, and how far it is by air, in metres."""

    name: str
    executor: str
    region: str
    address: str
    latitude: float
    longitude: float
    distance_m: int


class NearbyList(msgspec.Struct, frozen=True):
    """The nearest first."""

    items: list[Nearby]
