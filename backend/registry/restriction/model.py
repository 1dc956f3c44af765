"""Blocking, unblocking and closing accounts: the registrar alone (M §33, §34)."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.account.model import AccountStatus

Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class Action(StrEnum):
    """The operations of M §28 on an account's status."""

    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    CLOSE = "CLOSE"


class BlockGround(StrEnum):
    """B1: GBD FL (death, incapacity, missing); B2: GBD UL (liquidation); B3: act of a state body."""

    B1 = "B1"
    B2 = "B2"
    B3 = "B3"


class CloseGround(StrEnum):
    """C1: the personal facts of B1; C2: those of B2 (D12: after settling, by the registrar)."""

    C1 = "C1"
    C2 = "C2"


class BasisDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document the registrar acts on: its number, date and the body that issued it."""

    number: Line
    issued_on: date
    issued_by: Line


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose account (an insured by `iin`, an organisation by `bin`), why, and on what document."""

    ground: BlockGround
    basis: BasisDocument
    iin: str | None = None
    bin: str | None = None


class Unblock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unblocking rests on an act of an entitled state body and on nothing else (M §33)."""

    basis: BasisDocument
    iin: str | None = None
    bin: str | None = None


class Close(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Closing is for ever; the insured's live policies are cancelled with it (D13)."""

    ground: CloseGround
    basis: BasisDocument
    iin: str | None = None
    bin: str | None = None


class Restricted(msgspec.Struct, frozen=True):
    """The account and its status now."""

    subject_id: UUID
    status: AccountStatus


class Owner(msgspec.Struct, frozen=True):
    """Whose account it is; `natural`: a person or a sole proprietor (D42)."""

    subject_id: UUID
    status: AccountStatus
    person: bool
    natural: bool
