"""The register of insured as a list: the information operation of M §30(1)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.log.model import BasisKind

Text = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class ListInsured(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="information.list_insured",
    tag_field="operation",
):
    """Compose the list of insured: of the whole country, of a region, of those attached to an executor.

    `order_number` is the issuer's own; a second list of the same scope needs another document.
    """

    order_number: Text
    region: Text | None = None
    executor_bin: str | None = None


class RequestInsuredList(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="information.request_insured_list",
    tag_field="operation",
):
    """An entitled state body's written request for the list, signed for by the registrar (M §45)."""

    body: Text
    request_number: Text
    requested_on: date
    region: Text | None = None
    executor_bin: str | None = None


class ListStatus(StrEnum):
    """RUNNING: being composed; DONE: to be fetched; FORGOTTEN: its time is over."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FORGOTTEN = "FORGOTTEN"


class InsuredList(msgspec.Struct, frozen=True):
    """A list and its progress. `sha256` (hex) stands over its lines, with the count in the log.

    `basis_kind` ORDER: the issuer's, REQUEST: of the state body `body`; `number` is the document's.
    """

    list_id: UUID
    basis_kind: BasisKind
    number: str
    body: str | None
    region: str | None
    executor_id: UUID | None
    as_of: date
    status: ListStatus
    insured: int
    sha256: str | None
    created_at: datetime
    finished_at: datetime | None


class RunningList(msgspec.Struct, frozen=True):
    """What composing a list needs of it."""

    list_id: UUID
    evidence_id: UUID
    basis_kind: BasisKind
    number: str
    region: str | None
    executor_id: UUID | None
    actor_bin: str
    actor_role: str
    actor_signer: bytes | None
    as_of: date
    after: UUID
    parts: int
    insured: int


class ListedPolicy(msgspec.Struct, frozen=True):
    """An insured with his policy, as the registry has him."""

    person_id: UUID
    account_status: str
    region: str | None
    number: str
    policy_status: str
    service_list: str
    valid_from: date
    valid_to: date
    executor_bin: str | None
    executor_name: str | None


class SealedPart(msgspec.Struct, frozen=True):
    """A part of the list as it lies there."""

    part: int
    sealed: bytes
