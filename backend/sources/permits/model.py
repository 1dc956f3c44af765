"""Licences and annexes as the state system of permits keeps them (M §8(1), §15(1), §17(1))."""

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from backend.sources.journal import ANNULMENT, Document, Line


class Activity(StrEnum):
    """The licences M §8(1) asks of an executor, by the services applied for."""

    MEDICAL = "MEDICAL"
    RADIATION = "RADIATION"  # devices generating ionising radiation
    NARCOTICS = "NARCOTICS"  # narcotics, psychotropics, precursors
    PHARMACEUTICAL = "PHARMACEUTICAL"


class Status(StrEnum):
    """Of a licence or an annex. All but VALID hold from `since` on."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"
    DEPRIVED = "DEPRIVED"
    REVOKED = "REVOKED"


# Ended for good: what M §17(1) calls termination (deprivation, revocation).
ENDED = frozenset({Status.TERMINATED, Status.DEPRIVED, Status.REVOKED})


class Annex(msgspec.Struct, frozen=True):
    """Where and for which sub-kinds a licence holds. `document`: what ended or suspended it."""

    number: Line
    address: Line
    sub_kinds: tuple[Line, ...]
    status: Status
    issued_on: date
    since: date | None = None
    document: Document | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it held on that legal day."""
        return _held(self.issued_on, self.status, self.since, day)


class Licence(msgspec.Struct, frozen=True):
    """A licence with its annexes; an annex holds only while its licence does."""

    number: Line
    activity: Activity
    status: Status
    issued_on: date
    since: date | None = None
    document: Document | None = None
    annexes: Annotated[tuple[Annex, ...], msgspec.Meta(max_length=1_000)] = ()

    def valid_on(self, day: date) -> bool:
        """Whether it held on that legal day."""
        return _held(self.issued_on, self.status, self.since, day)


class Holder(msgspec.Struct, frozen=True):
    """Every licence of a BIN or IIN as of an instant; none of them is an answer too."""

    number: str
    as_of: datetime
    licences: Annotated[tuple[Licence, ...], msgspec.Meta(max_length=1_000)]

    def annexes_on(self, day: date, activity: Activity) -> tuple[Annex, ...]:
        """The annexes of that activity that held on that legal day."""
        return tuple(
            annex
            for licence in self.licences
            if licence.activity is activity and licence.valid_on(day)
            for annex in licence.annexes
            if annex.valid_on(day)
        )

    def permits(self, address: str, day: date, activity: Activity = Activity.MEDICAL) -> bool:
        """Whether an annex of that day and activity names this very address."""
        wanted = address_key(address)
        return any(address_key(a.address) == wanted for a in self.annexes_on(day, activity))


class Kind(StrEnum):
    """What the journal of permits records of a holder."""

    LICENCE_SUSPENDED = "LICENCE_SUSPENDED"
    LICENCE_RENEWED = "LICENCE_RENEWED"
    LICENCE_ENDED = "LICENCE_ENDED"
    ANNEX_SUSPENDED = "ANNEX_SUSPENDED"
    ANNEX_RENEWED = "ANNEX_RENEWED"
    ANNEX_ENDED = "ANNEX_ENDED"
    ANNULMENT = ANNULMENT


def address_key(address: str) -> str:
    """An address without its case, punctuation and spacing: «Абай даңғ., 10» is «абай даңғ 10».

    Words are compared as they are: what an abbreviation stands for is not guessed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def _held(issued_on: date, status: Status, since: date | None, day: date) -> bool:
    if day < issued_on:
        return False
    return status is Status.VALID or (since is not None and day < since)
