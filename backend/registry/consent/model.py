"""Consents: for what, by what proof, until when."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta


class Purpose(StrEnum):
    """What a consent is for. The first four are the digital channels of D43; withdrawing one closes it."""

    EGOV = "EGOV"  # my record, in eGov and eGov Mobile (M §44)
    BOT = "BOT"  # ... in the Telegram bot
    QR_VISITS = "QR_VISITS"  # my visits registered by QR code (M §6(5))
    BIOMETRICS = "BIOMETRICS"  # my face compared at a visit (M §6(5))
    STATE_SERVICE = "STATE_SERVICE"  # my identity document, for the state service (App.2 row 8)


class ConsentProof(StrEnum):
    """By what the person was known when it was said."""

    OTP = "OTP"
    ECP = "ECP"
    SMS = "SMS"  # a reply to the portal's message from 1414 (App.2)
    SESSION = "SESSION"  # in a session that one of the above had opened


class ConsentState(StrEnum):
    """What stands. NONE: never asked; such a channel is not closed."""

    NONE = "NONE"
    GIVEN = "GIVEN"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class GiveConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """I consent to this purpose, for `days` (a year unless I say less)."""

    purpose: Purpose
    days: Annotated[int, Meta(ge=1, le=365)] = 365


class WithdrawConsents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """I withdraw my consent to these purposes; all five: I leave the pilot's digital channels."""

    purposes: Annotated[list[Purpose], Meta(min_length=1, max_length=5)]


class ConsentRow(msgspec.Struct, frozen=True):
    """What stands for one purpose, as stored."""

    purpose: Purpose
    given: bool
    at: datetime
    expires_at: datetime | None


class OwnConsent(msgspec.Struct, frozen=True):
    """What stands for one purpose, with the purpose in words. `closed`: the channel takes nothing."""

    purpose: Purpose
    state: ConsentState
    what_for: str
    at: datetime | None
    expires_at: datetime | None
    closed: bool


class ConsentWord(msgspec.Struct, frozen=True):
    """One saying, as kept: given or withdrawn, when, by what proof, and whether a representative said it."""

    consent_id: UUID
    purpose: Purpose
    given: bool
    at: datetime
    expires_at: datetime | None
    proof: ConsentProof
    by_representative: bool
