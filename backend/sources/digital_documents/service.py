"""Ask the owner of a document for consent, and take the document with it (M App.2 row 8(2)).

    POST {digital_documents_url}/consents         {"consent_id", "iin", "requester_bin", "purpose": {"kk", "ru"}}
    -> 202 {"consent_id", "state": "PENDING", "expires_at"}      an SMS goes to the owner's own number
    POST {digital_documents_url}/consents/answer  {"consent_id", "code"}
    -> 200 {"consent_id", "state", "accepted": true|false}
    POST {digital_documents_url}/documents        {"consent_id"}
    -> 200 {"consent_id", "state", "document": {…}|null}

The owner gives the code of the SMS to whoever asked, or answers the SMS itself: both are his consent.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable

T = TypeVar("T")
SOURCE: Final = "digital_documents"


class State(StrEnum):
    """Where a consent stands."""

    PENDING = "PENDING"
    CONSENTED = "CONSENTED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"


class Purpose(msgspec.Struct, frozen=True):
    """What the document is wanted for, as the owner reads it in the SMS."""

    kk: str
    ru: str


class Wanted(msgspec.Struct, frozen=True):
    """Whose identity document is wanted, by whom."""

    consent_id: UUID
    iin: str
    requester_bin: str
    purpose: Purpose


class Asked(msgspec.Struct, frozen=True):
    """The question went to the owner; it is open until then."""

    consent_id: UUID
    state: State
    expires_at: datetime


class Code(msgspec.Struct, frozen=True):
    """The code the owner got by SMS."""

    consent_id: UUID
    code: str


class Answered(msgspec.Struct, frozen=True):
    """Whether the code was the right one."""

    consent_id: UUID
    state: State
    accepted: bool


class Key(msgspec.Struct, frozen=True):
    """Which consent."""

    consent_id: UUID


class IdentityDocument(msgspec.Struct, frozen=True):
    """An electronic identity document."""

    iin: str
    number: str
    issued_on: date
    valid_to: date


class Taken(msgspec.Struct, frozen=True):
    """The document, where its owner consented."""

    consent_id: UUID
    state: State
    document: IdentityDocument | None = None


async def ask(http: httpx.AsyncClient, config: Config, wanted: Wanted) -> Asked:
    """Ask the owner for consent; the same id again is one question. Raises SourceUnavailable."""
    return await _post(http, config, "/consents", wanted, Asked)


async def answer(http: httpx.AsyncClient, config: Config, code: Code) -> Answered:
    """Hand on the owner's code. Raises SourceUnavailable."""
    return await _post(http, config, "/consents/answer", code, Answered)


async def take(http: httpx.AsyncClient, config: Config, consent_id: UUID) -> Taken:
    """The document, or why there is none (yet). Raises SourceUnavailable."""
    taken = await _post(http, config, "/documents", Key(consent_id), Taken)
    if taken.consent_id != consent_id or (
        (taken.state is State.CONSENTED) != (taken.document is not None)
    ):
        raise SourceUnavailable(source=SOURCE)
    return taken


async def _post(
    http: httpx.AsyncClient, config: Config, path: str, body: msgspec.Struct, answer: type[T]
) -> T:
    return await exchange.post_json(
        http,
        SOURCE,
        config.digital_documents_url,
        path,
        body,
        answer,
        timeout_s=config.source_timeout_s,
    )
