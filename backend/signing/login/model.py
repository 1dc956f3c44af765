"""Challenges, sessions, and the certificate that opened them."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.actor import Role, Scope


class Challenge(msgspec.Struct, frozen=True):
    """Bytes to be signed with ECP, exactly as they are (base64), before `expires_at`."""

    challenge_id: UUID
    document: str
    expires_at: datetime


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed challenge: base64 CMS, attached or detached, over the challenge's document."""

    challenge_id: UUID
    signature: str


class SessionOpened(msgspec.Struct, frozen=True):
    """A bearer token. It is shown once and kept nowhere."""

    token: str
    roles: list[Role]
    expires_at: datetime


class ChallengeRow(msgspec.Struct, frozen=True):
    """A stored challenge."""

    challenge_id: UUID
    nonce: bytes
    origin: str
    expires_at: datetime


class SessionRow(msgspec.Struct, frozen=True, gc=False):
    """A stored session. `sole_sealed` is a sole proprietor's IIN."""

    token_sha256: bytes
    session_id: UUID
    roles: frozenset[Role]
    bin: str | None
    person_id: UUID | None
    signer: bytes | None
    expires_at: datetime
    sole_sealed: bytes | None
    channel: str | None
    scopes: frozenset[Scope] | None
    representation_id: UUID | None


class WhoAmI(msgspec.Struct, frozen=True):
    """The roles of the asking session; `bin` for organisations and systems, a sole proprietor's IIN."""

    roles: list[Role]
    bin: str | None


class Family(msgspec.Struct, frozen=True):
    """The sessions that follow one sign-in; none of them outlives `until`."""

    family_id: UUID
    until: datetime


class RenewalRow(msgspec.Struct, frozen=True):
    """A renewal and the session it was given with."""

    used_at: datetime | None
    session_id: UUID
    roles: frozenset[Role]
    person_id: UUID | None
    signer: bytes | None
    channel: str | None
    scopes: frozenset[Scope] | None
    family_id: UUID
    family_until: datetime
    closed_at: datetime | None


class Renewed(msgspec.Struct, frozen=True):
    """The next token, and the word that renews it."""

    token: str
    expires_at: datetime
    renewal: str
    renewable_until: datetime
    scopes: list[Scope]
