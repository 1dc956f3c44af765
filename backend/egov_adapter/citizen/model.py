"""Signing in as a citizen."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.kernel.actor import Scope

Iin = Annotated[str, Meta(min_length=12, max_length=12)]
Phone = Annotated[str, Meta(min_length=5, max_length=20)]
Code = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]


class AskOtp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password is wanted and to which number; `phone` is E.164: +77011234567."""

    iin: Iin
    phone: Phone


class OtpAsked(msgspec.Struct, frozen=True):
    """The same for everyone: a code comes by SMS if the number is registered to the person."""

    code_digits: int
    expires_in_s: int


class Channel(StrEnum):
    """Where a citizen's session is used; the names are the purposes of consent (D43)."""

    EGOV = "EGOV"  # eGov and eGov Mobile
    BOT = "BOT"


class CitizenLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either IIN, number and code, or a login challenge and its signature by the citizen's own key.

    Either way one consents to one's record being shown through `channel`, as the SMS says; who withdrew
    that consent is let in with `consent` only. `scopes`: fewer than the channel gives, if fewer will do.
    """

    iin: Iin | None = None
    phone: Phone | None = None
    code: Code | None = None
    challenge_id: UUID | None = None
    signature: Annotated[str, Meta(max_length=100_000)] | None = None
    channel: Channel = Channel.EGOV
    consent: bool = False
    scopes: frozenset[Scope] | None = None


class RenewSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The word that came with the session."""

    renewal: Annotated[str, Meta(min_length=20, max_length=100)]


class CitizenSession(msgspec.Struct, frozen=True):
    """A bearer token, shown once. `renewal` brings the next one until `renewable_until`, and serves once."""

    token: str
    expires_at: datetime
    scopes: list[Scope]
    renewal: str
    renewable_until: datetime


class OtpContact(msgspec.Struct, frozen=True):
    """What is sealed until the SMS is sent; `code` once there is one."""

    iin: str
    phone: str
    code: str | None = None


class OtpRow(msgspec.Struct, frozen=True):
    """A password still to be sent."""

    subject: bytes
    otp_id: UUID
    expires_at: datetime
    language: str
    sealed: bytes
    person_id: UUID | None


class OtpTry(msgspec.Struct, frozen=True):
    """One try, counted before it is judged."""

    otp_id: UUID
    person_id: UUID | None
    code_hash: bytes | None
    tries: int


class Frozen(msgspec.Struct, frozen=True):
    """Until when nothing is taken."""

    frozen_until: datetime | None
