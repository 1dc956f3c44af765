"""A supplementary agreement: what it changes, who signed it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.contract.model import ContractStatus
from backend.allocation.decision.model import Unit
from backend.kernel.money import AMOUNT_MAX

LINES_MAX = 5_000
Units = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]


class AmendmentStatus(StrEnum):
    """FORMED (the issuer's draft) -> IN_SIGNING -> SIGNED; WITHDRAWN by the issuer before that."""

    FORMED = "FORMED"
    IN_SIGNING = "IN_SIGNING"
    SIGNED = "SIGNED"
    WITHDRAWN = "WITHDRAWN"


class LineUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Let the contract have so many units of the plan's line in all; tiyn on a money line."""

    line_id: UUID
    units: Units


class FormAmendment(Struct, frozen=True, forbid_unknown_fields=True):
    """What a contract is to follow, and how. A draft: it holds when both sides have signed it."""

    change_id: UUID
    lines: Annotated[list[LineUnits], Meta(min_length=1, max_length=LINES_MAX)]


class SignAmendment(Struct, frozen=True, forbid_unknown_fields=True):
    """A detached CMS, base64, over exactly the agreement's content."""

    signature: str


class WithdrawAmendment(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="contract_amendment.withdraw",
    tag_field="operation",
):
    """The issuer gives up an agreement that the executor has not signed."""

    amendment_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=1_000, pattern=r"\S")]


class ContractNow(Struct, frozen=True):
    """The contract to be amended, under its row's lock."""

    contract_id: UUID
    number: str
    plan_id: UUID
    application_id: UUID
    executor_id: UUID
    source: str
    status: ContractStatus
    content_sha256: str
    executor_signed_at: datetime | None


class PlanChangeNow(Struct, frozen=True):
    """The change of the plan an agreement follows."""

    change_id: UUID
    plan_id: UUID
    no: int
    grounds: list[int]
    applied: bool
    justification: str


class LineNow(Struct, frozen=True):
    """A line of the plan with what the contract has of it and what of it is free.

    `free_units`: neither in contracts nor announced without a signed decision.
    """

    line_id: UUID
    code: str
    source: str
    title_kk: str
    title_ru: str
    unit: Unit
    plan_tariff_tiyn: int | None
    contract_units: int
    contract_tariff_tiyn: int | None
    contract_amount_tiyn: int
    free_units: int

    @property
    def tariff_tiyn(self) -> int | None:
        """The tariff signed; the plan's where the contract has nothing of the line yet."""
        return self.contract_tariff_tiyn or self.plan_tariff_tiyn


class LineChange(Struct, frozen=True):
    """What an agreement does to one line."""

    line_id: UUID
    code: str
    title_kk: str
    title_ru: str
    unit: Unit
    tariff_tiyn: int | None
    units_before: int
    units_after: int
    amount_before: int
    amount_after: int


class CoExecutorPart(Struct, frozen=True):
    """What a co-executor asked of a line, and what the applicant asked of it in all."""

    line_id: UUID
    co_executor_no: int
    asked: int
    asked_in_all: int


class AmendmentState(Struct, frozen=True):
    """What a step on an agreement looks at, under the row's lock."""

    amendment_id: UUID
    contract_id: UUID
    executor_id: UUID
    contract_status: ContractStatus
    change_id: UUID
    status: AmendmentStatus
    content: bytes


class Amendment(Struct, frozen=True):
    """An agreement without its lines."""

    amendment_id: UUID
    number: str
    contract_id: UUID
    change_id: UUID
    executor_id: UUID
    executor_bin: str
    executor_name: str
    status: AmendmentStatus
    amount_before_tiyn: int
    amount_after_tiyn: int
    content_sha256: str
    formed_at: datetime
    issuer_signed_at: datetime | None
    executor_signed_at: datetime | None
    withdrawn_at: datetime | None


class ShownAmendment(Struct, frozen=True):
    """An agreement with its lines."""

    amendment: Amendment
    lines: list[LineChange]


class AmendmentContent(Struct, frozen=True):
    """The exact bytes both parties sign, base64, and their SHA-256 in hex."""

    amendment_id: UUID
    content: str
    content_sha256: str
