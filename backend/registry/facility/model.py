"""Facilities of executors, digitised (M §6(4))."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
# Kazakhstan, with a little air: degrees north and east (WGS 84)
Latitude = Annotated[float, msgspec.Meta(ge=40.5, le=55.5)]
Longitude = Annotated[float, msgspec.Meta(ge=46.4, le=87.4)]


class NewFacility(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A facility with its photographs (SHA-256 of the files), place and accounting data.

    `accounting_186` is what the accounting rules KR DSM-186/2020 ask, by field.
    `licence_address` is given where the licence's annex words the address otherwise.
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
    design_capacity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    production: bool = True
    licence_address: Text | None = None


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
