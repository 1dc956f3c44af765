"""The e-government gateway, as the issuer of a state service calls it (M §49, §51, §52).

POST {egov_url}/identity-documents/check  {"iin", "number"}
-> 200 {"status": "VALID"|"INVALID"|"UNKNOWN"}
POST {egov_url}/cabinet/documents         {"message_id", "iin", "service", "kind", "document", "seal", "pdf"}
-> 200 {"message_id", "status": "DELIVERED"}       the same id again is one document
POST {egov_url}/cabinet/complaints        {"message_id", "iin", "number", "no", "status", "at", "due_on", "said", "answer"}
-> 200 {"message_id", "status": "DELIVERED"}       the same id again is one message
POST {egov_url}/monitoring/stages         {"stages": [{"stage_id", "request_id", "service", "stage", "ground", "at"}]}
-> 200 {"accepted": n}                             the same stage again is one stage
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable

SOURCE: Final = "egov"


class DocumentStatus(StrEnum):
    """What the state's register of identity documents says of a number and its owner."""

    VALID = "VALID"
    INVALID = "INVALID"  # expired, lost, taken back
    UNKNOWN = "UNKNOWN"  # never issued to this person


class IdentityQuestion(msgspec.Struct, frozen=True):
    """Is this document this person's?"""

    iin: str
    number: str


class IdentityAnswer(msgspec.Struct, frozen=True):
    """The register's answer."""

    status: DocumentStatus


class Delivery(msgspec.Struct, frozen=True):
    """An electronic document for a person's cabinet; `document` and `seal` (CMS) go as base64."""

    message_id: UUID
    iin: str
    service: str
    kind: str
    document: bytes
    seal: bytes
    pdf: bytes


class Said(msgspec.Struct, frozen=True):
    """A text in both languages of the state."""

    kk: str
    ru: str


class SignedAnswer(msgspec.Struct, frozen=True):
    """An answer as it was signed (`seal`: CMS over `document`), and on paper; all as base64."""

    document: bytes
    seal: bytes
    pdf: bytes


class ComplaintStatus(msgspec.Struct, frozen=True):
    """A complaint of tracking `number` has come to `status`, its `no`-th; `answer` once there is one."""

    message_id: UUID
    iin: str
    number: str
    no: int
    status: str
    at: datetime
    due_on: date
    said: Said
    answer: SignedAnswer | None


class Delivered(msgspec.Struct, frozen=True):
    """The cabinet's answer."""

    message_id: UUID
    status: str


class Stage(msgspec.Struct, frozen=True):
    """A stage of a state service (law on state services art. 5(2)(11)); names no person."""

    stage_id: UUID
    request_id: UUID
    service: str
    stage: str
    ground: str | None
    at: datetime


class Stages(msgspec.Struct, frozen=True):
    """Some of them."""

    stages: Sequence[Stage]


class StagesTaken(msgspec.Struct, frozen=True):
    """How many the monitoring system holds of those sent."""

    accepted: int


async def check_identity(
    http: httpx.AsyncClient, config: Config, iin: str, number: str
) -> DocumentStatus:
    """Whether the identity document is the person's and valid (M §49). Raises SourceUnavailable."""
    question = IdentityQuestion(iin, number)
    answer = await exchange.post_json(
        http,
        SOURCE,
        config.egov_url,
        "/identity-documents/check",
        question,
        IdentityAnswer,
        timeout_s=config.source_timeout_s,
    )
    return answer.status


async def deliver(http: httpx.AsyncClient, config: Config, delivery: Delivery) -> None:
    """Put a document into the person's cabinet (M §51). Raises SourceUnavailable unless it is there."""
    await _put(http, config, "/cabinet/documents", delivery)


async def tell_complaint(http: httpx.AsyncClient, config: Config, status: ComplaintStatus) -> None:
    """Show a complaint's status in the person's cabinet (M §53). Raises SourceUnavailable unless it is there."""
    await _put(http, config, "/cabinet/complaints", status)


async def _put(
    http: httpx.AsyncClient, config: Config, path: str, message: Delivery | ComplaintStatus
) -> None:
    delivered = await exchange.post_json(
        http,
        SOURCE,
        config.egov_url,
        path,
        message,
        Delivered,
        timeout_s=config.source_timeout_s,
    )
    if delivered.status != "DELIVERED" or delivered.message_id != message.message_id:
        raise SourceUnavailable(source=SOURCE)


async def report(http: httpx.AsyncClient, config: Config, stages: Sequence[Stage]) -> None:
    """Tell the monitoring system (M §52). Raises SourceUnavailable unless it holds all of them."""
    taken = await exchange.post_json(
        http,
        SOURCE,
        config.egov_url,
        "/monitoring/stages",
        Stages(stages),
        StagesTaken,
        timeout_s=config.source_timeout_s,
    )
    if taken.accepted != len(stages):
        raise SourceUnavailable(source=SOURCE)
