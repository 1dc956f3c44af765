"""Requests for data and their answers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.registry.account.model import BasisDocument

Name = Annotated[
    str, Meta(min_length=3, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
# Several lines; NUL is nothing a text can hold.
Asked = Annotated[str, Meta(min_length=10, max_length=4_000, pattern=r"^[^\x00]*\S[^\x00]*\Z")]


class Purpose(StrEnum):
    """What data are asked for (M §25): to bring the registry up to date, or to make it precise."""

    UPDATE = "UPDATE"
    CLARIFY = "CLARIFY"


class Outcome(StrEnum):
    """What a body answered. PARTLY: the rest is still owed."""

    GIVEN = "GIVEN"
    PARTLY = "PARTLY"
    REFUSED = "REFUSED"


class AskForData(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="data_request.ask",
    tag_field="operation",
):
    """The written request itself. It names no person: whose data are wanted stands in its enclosure.

    There is nothing to pay, and so nowhere to say how much (M §25).
    """

    body_bin: str
    body_name: Name
    purpose: Purpose
    asked: Asked


class EnterAnswer(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="data_request.answer",
    tag_field="operation",
):
    """What the body answered on `answered_on`, and its letter."""

    request_id: UUID
    outcome: Outcome
    answered_on: date
    paper: BasisDocument


class Answered(msgspec.Struct, frozen=True):
    """An answer as entered."""

    no: int
    outcome: Outcome
    answered_on: date
    paper: BasisDocument
    entered_at: datetime


class StoredRequest(msgspec.Struct, frozen=True):
    """A request as kept; `answers` in their order."""

    request_id: UUID
    number: str
    body_bin: str
    body_name: str
    purpose: Purpose
    asked: str
    asked_at: datetime
    asked_by: str
    answers: list[Answered]
