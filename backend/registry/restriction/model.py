"""Blocking, unblocking and closing accounts: the registrar alone (M §33, §34)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol, runtime_checkable
from uuid import UUID

import msgspec

from backend.registry.account.model import AccountStatus, BasisDocument, Line
from backend.registry.log.model import BasisKind


class Action(StrEnum):
    """The operations of M §28 on an account's status."""

    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    CLOSE = "CLOSE"


class Holder(StrEnum):
    """Whose account it is: an insured's, or an organisation's."""

    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"


class BlockGround(StrEnum):
    """B1: GBD FL (death, incapacity, missing); B2: GBD UL (liquidation); B3: act of a state body."""

    B1 = "B1"
    B2 = "B2"
    B3 = "B3"


class CloseGround(StrEnum):
    """C1: the personal facts of B1; C2: those of B2 (D12: after settling, by the registrar)."""

    C1 = "C1"
    C2 = "C2"


class Fact(StrEnum):
    """What the state databases say of a holder: the first five M §33(1), the last M §33(2)."""

    DEATH = "DEATH"
    DECLARED_DEAD = "DECLARED_DEAD"
    INCAPABLE = "INCAPABLE"
    LIMITED_CAPACITY = "LIMITED_CAPACITY"
    MISSING = "MISSING"
    LIQUIDATION = "LIQUIDATION"


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose account (an insured by `iin`, an organisation by `bin`), why, and on what document.

    B1 names its `fact`. B3 says in `article_98` how article 98 of the law on enforcement proceedings
    was regarded (M §33(3)).
    """

    ground: BlockGround
    basis: BasisDocument
    fact: Fact | None = None
    article_98: Line | None = None
    iin: str | None = None
    bin: str | None = None


class Unblock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unblocking rests on an act of an entitled state body and on nothing else (M §33).

    `ground` says which ground the act takes away; None: the only one there is.
    """

    basis: BasisDocument
    ground: BlockGround | None = None
    iin: str | None = None
    bin: str | None = None


class Close(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Closing is for ever; the insured's live policies are cancelled with it (D13)."""

    ground: CloseGround
    basis: BasisDocument
    fact: Fact | None = None
    iin: str | None = None
    bin: str | None = None


class Correct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reverse the operation `seq` of an account because it should never have been (D2)."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    basis: BasisDocument
    iin: str | None = None
    bin: str | None = None


class Whose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose account: an insured's by `iin`, an organisation's by `bin`."""

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

    @property
    def holder(self) -> Holder:
        """The kind of account."""
        return Holder.PERSON if self.person else Holder.ORGANISATION


class Restriction(msgspec.Struct, frozen=True):
    """A ground that stands. `close_due_at`: when the account closes by itself (D12)."""

    subject_id: UUID
    restriction_id: UUID
    ground: BlockGround
    fact: Fact | None
    basis_id: str
    basis: BasisDocument
    article_98: str | None
    blocked_at: datetime
    close_due_at: datetime | None


class NewRestriction(msgspec.Struct, frozen=True, kw_only=True):
    """A ground to be put on an account."""

    subject_id: UUID
    ground: BlockGround
    fact: Fact | None
    basis_kind: BasisKind
    basis_id: str
    basis: BasisDocument
    article_98: str | None = None


class Standing(msgspec.Struct, frozen=True):
    """An account and every ground that stands on it."""

    subject_id: UUID
    status: AccountStatus
    restrictions: tuple[Restriction, ...]


class Reason(msgspec.Struct, frozen=True):
    """Why an account is blocked, as its holder is told."""

    ground: BlockGround
    fact: Fact | None
    blocked_at: datetime


class Due(msgspec.Struct, frozen=True):
    """An account that closes by itself now, and the recorded death it closes for."""

    subject_id: UUID
    person: bool
    fact: Fact
    basis_id: str


class Notice(msgspec.Struct, frozen=True):
    """A holder to be told that his account is blocked."""

    subject_id: UUID
    restriction_id: UUID
    person: bool
    ground: BlockGround


class Change(msgspec.Struct, frozen=True):
    """What an operation of the log did to an account: enough to reverse it."""

    before: "State"
    restrictions: tuple[UUID, ...] = ()


class State(msgspec.Struct, frozen=True):
    """An account's status, as logged."""

    status: AccountStatus


@runtime_checkable
class Settlement(Protocol):
    """Who knows whether acts are still open (D12). The wing that pays says so; it stands above us."""

    async def unsettled(self, subjects: Sequence[UUID]) -> set[UUID]:
        """Those of the persons and organisations of whom an act is neither paid nor cancelled."""
        ...
