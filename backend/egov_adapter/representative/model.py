"""Representation: on what basis, by what document, until when, and what it covers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.kernel.actor import Scope

Iin = Annotated[str, Meta(min_length=12, max_length=12)]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class Basis(StrEnum):
    """Why one may act for another."""

    PARENT = "PARENT"
    GUARDIAN = "GUARDIAN"
    TRUSTEE = "TRUSTEE"
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY"


class PaperShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document: a birth certificate, a decision on guardianship, a power of attorney."""

    number: Line
    issued_on: date
    issued_by: Line


class Represent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """I act for the person of that IIN; `scopes`: what a power of attorney covers, if less than it may."""

    iin: Iin
    basis: Basis
    document: PaperShown
    valid_to: date
    scopes: frozenset[Scope] | None = None


class Representation(msgspec.Struct, frozen=True):
    """A representation as both sides see it. It covers `scopes`, and ends after the day `valid_to`."""

    representation_id: UUID
    basis: Basis
    scopes: list[Scope]
    valid_to: date
    confirmed_at: datetime
    ended_at: datetime | None
    name: str


class Row(msgspec.Struct, frozen=True):
    """A stored representation."""

    person_id: UUID
    representation_id: UUID
    representative_id: UUID
    basis: Basis
    scopes: frozenset[Scope]
    valid_to: date
    confirmed_at: datetime
    ended_at: datetime | None


class RepresentativeSession(msgspec.Struct, frozen=True):
    """A token that reads the person represented, and nothing of one's own."""

    token: str
    expires_at: datetime
    scopes: list[Scope]
