"""Persons as the registry knows them: sealed, and found by keyed hash."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
Phone = Annotated[str, msgspec.Meta(pattern=r"^\+[0-9]{10,15}\Z")]


class Identity(msgspec.Struct, frozen=True):
    """Who a person is (M §36). Only the registry opens it, and hands it to whom the law names."""

    iin: str
    surname: str
    name: str
    patronymic: str | None
    birth_date: date
    address: str
    document_no: str
    phone: str | None

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic."""
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


class PersonEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person as a medical information system enters him; `region` is where he lives."""

    iin: str
    surname: Text
    name: Text
    birth_date: date
    address: Text
    region: Text
    document_no: Text
    patronymic: Text | None = None
    phone: Phone | None = None


class PersonBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Persons entered in a MIS."""

    batch_id: UUID
    persons: Annotated[tuple[PersonEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class SeenVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person came to a doctor on that day."""

    iin: str
    seen_on: date


class SeenBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Visits to doctors, the second signal that opens an account (M §4(1), D11)."""

    batch_id: UUID
    visits: Annotated[tuple[SeenVisit, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class Claimed(msgspec.Struct, frozen=True):
    """A keyed hash of an IIN and the person it belongs to."""

    iin_hash: bytes
    person_id: UUID


class Unhashed(msgspec.Struct, frozen=True):
    """A person not yet found under the new key; his number is opened from one of the two."""

    person_id: UUID
    sealed: bytes | None
    identity: bytes | None


class Rehashed(msgspec.Struct, frozen=True):
    """How far persons are found under the new key.

    `unreadable`: nothing sealed tells their number, so that they keep the old hash until a source
    names them again. `twice`: their number is another person's under the new key.
    """

    hashed: int
    unreadable: int
    twice: int
    left: int


class Entered(msgspec.Struct, frozen=True):
    """A person whose identity was entered or has changed: keyed hashes before (None: new) and after."""

    person_id: UUID
    before: bytes | None
    after: bytes


class Signalled(msgspec.Struct, frozen=True):
    """An account that had a signal it had not before; `opened`: it was the second one."""

    person_id: UUID
    opened: bool


class SealedIdentity(msgspec.Struct, frozen=True):
    """An identity as stored."""

    person_id: UUID
    sealed: bytes
