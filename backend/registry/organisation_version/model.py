"""Versions of an organisation's data."""

from uuid import UUID

import msgspec


class SealedVersion(msgspec.Struct, frozen=True):
    """A version as it lies there; `evidence_id`: the signed document that entered it."""

    organisation_id: UUID
    version: int
    sealed: bytes
    evidence_id: UUID


class Mark(msgspec.Struct, frozen=True):
    """A version as an operation of the log names it.

    `fingerprint` is a keyed hash of the data: whoever holds the key sees that they are the ones that
    were logged, and nobody else learns anything.
    """

    version: int
    fingerprint: str


class Version(msgspec.Struct, frozen=True):
    """A version opened."""

    data: bytes
    evidence_id: UUID


class Data(msgspec.Struct, frozen=True):
    """Which version held, as logged."""

    data: Mark


class DataChange(msgspec.Struct, frozen=True):
    """What an operation of the log did to an organisation's data: enough to reverse it."""

    before: Data
    after: Data
