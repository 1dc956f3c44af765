"""The contract, its lines and its content (domain 3.5)."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.application.model import Contents
from backend.allocation.decision.model import Group, Unit

BULK_MAX = 500


class ContractStatus(StrEnum):
    """FORMED (internal) -> IN_SIGNING -> SIGNED -> TERMINATED_BY_ISSUER, EXPIRED; LAPSED unsigned."""

    FORMED = "FORMED"
    IN_SIGNING = "IN_SIGNING"
    SIGNED = "SIGNED"
    TERMINATED_BY_ISSUER = "TERMINATED_BY_ISSUER"
    LAPSED = "LAPSED"
    EXPIRED = "EXPIRED"


class ContractSignature(Struct, frozen=True, forbid_unknown_fields=True):
    """A detached CMS, base64, over exactly the contract's content."""

    contract_id: UUID
    signature: str


class SignContracts(Struct, frozen=True, forbid_unknown_fields=True):
    """The issuer's signatures of many contracts, in their order."""

    signatures: Annotated[list[ContractSignature], Meta(min_length=1, max_length=BULK_MAX)]


class SignContract(Struct, frozen=True, forbid_unknown_fields=True):
    """The executor's signature: a detached CMS, base64, over the same bytes."""

    signature: str


class LapseContract(
    Struct, frozen=True, forbid_unknown_fields=True, tag="contract.lapse", tag_field="operation"
):
    """The issuer's head ends a contract the executor did not sign; never by time alone (D7)."""

    contract_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"\S")]


class ApproveContracts(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="contract.approve_all",
    tag_field="operation",
):
    """The issuer approves every contract of a decision; the server's seal then signs each.

    `contents_sha256`: SHA-256, hex, over the SHA-256 of each content (32 octets) in order of signing.
    """

    decision_id: UUID
    contracts: int
    contents_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Approvable(Struct, frozen=True):
    """The contracts of a decision as an approval names them; `waiting` are not signed yet."""

    contracts: int
    waiting: int
    amount_tiyn: int
    contents_sha256: str


class Sealing(Struct, frozen=True):
    """How far the sealing of approved contracts is."""

    decision_id: UUID
    evidence_id: UUID
    contracts: int
    sealed: int
    approved_at: datetime
    finished_at: datetime | None


class PartyRow(Struct, frozen=True):
    """A contract and whose it is."""

    contract_id: UUID
    executor_id: UUID


class AllocatedLine(Struct, frozen=True):
    """A share above zero with what a contract says of its line."""

    application_id: UUID
    executor_id: UUID
    seq_no: int
    source: str
    line_id: UUID
    code: str
    service_type: str
    region: str
    care_form: str
    title_kk: str
    title_ru: str
    payment_method: str
    unit: Unit
    units: int
    tariff_tiyn: int | None
    amount_tiyn: int
    group: Group
    score_milli: int


class AllocatedPart(Struct, frozen=True):
    """What a co-executor carries of a share; 0 when the share left nothing for it."""

    application_id: UUID
    line_id: UUID
    co_executor_no: int
    allocated: int


class ApplicationPapers(Struct, frozen=True):
    """The documents an application was accepted with."""

    application_id: UUID
    contents: Contents


class CoExecutorRow(Struct, frozen=True):
    """A co-executor of an application as stored."""

    application_id: UUID
    co_executor_no: int
    form: str
    bin: str | None
    name: str | None
    sealed: bytes | None


class PlanVersion(Struct, frozen=True):
    """The plan a decision is of."""

    plan_id: UUID
    year: int
    version: int


class Draft(Struct, frozen=True):
    """A contract about to be formed."""

    contract_id: UUID
    number: str
    application_id: UUID
    executor_id: UUID
    source: str
    seq_no: int
    lines: Sequence[AllocatedLine]
    parts: Sequence[AllocatedPart]
    content: bytes

    @property
    def amount_tiyn(self) -> int:
        """What its lines are worth together, in tiyn."""
        return sum(line.amount_tiyn for line in self.lines)


class ContractState(Struct, frozen=True):
    """What a step on a contract looks at, under the row's lock."""

    contract_id: UUID
    decision_id: UUID
    executor_id: UUID
    source: str
    seq_no: int
    status: ContractStatus
    amount_tiyn: int
    content: bytes


class Waiting(Struct, frozen=True):
    """A contract the issuer has not signed yet."""

    contract_id: UUID
    seq_no: int


class ContractRow(Struct, frozen=True):
    """A contract without its lines; `amount_now_tiyn` after its last supplementary agreement."""

    contract_id: UUID
    number: str
    decision_id: UUID
    application_id: UUID
    executor_id: UUID
    executor_bin: str
    executor_name: str
    source: str
    seq_no: int
    status: ContractStatus
    amount_tiyn: int
    amount_now_tiyn: int
    valid_from: date
    valid_to: date
    content_sha256: str
    formed_at: datetime
    issuer_signed_at: datetime | None
    executor_signed_at: datetime | None
    ended_at: datetime | None


class ContractSummary(Struct, frozen=True):
    """A contract with its status in the law's words, in the caller's language."""

    contract: ContractRow
    status_text: str


class ContractLine(Struct, frozen=True):
    """What is to be provided under a contract."""

    line_id: UUID
    code: str
    service_type: str
    region: str
    title_kk: str
    title_ru: str
    unit: Unit
    units: int
    tariff_tiyn: int | None
    amount_tiyn: int


class Contract(Struct, frozen=True):
    """A contract in full, for its parties."""

    contract: ContractRow
    status_text: str
    lines: list[ContractLine]


class ContractContent(Struct, frozen=True):
    """The exact bytes both parties sign, base64, and their SHA-256 in hex."""

    contract_id: UUID
    content: str
    content_sha256: str


class Block(Struct, frozen=True):
    """One of the eleven blocks of a contract's content."""

    no: int
    title_kk: str
    title_ru: str
    text_kk: str
    text_ru: str
    data: dict[str, Any]
