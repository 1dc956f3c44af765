"""Services as a MIS recorded them, and drafts of acts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.act.model import Case, Key, Number
from backend.registry.feed.model import ROWS_MAX, Seq


class ServiceRecord(
    Case, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """A service in a MIS. Of one `service_record_id` the highest `seq` holds; `withdrawn`: never given."""

    executor_bin: str
    seq: Seq = 0
    withdrawn: bool = False


class RecordBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Services of a MIS."""

    records: Annotated[tuple[ServiceRecord, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class FormDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The executor asks for an act of a contract and a period."""

    contract_id: UUID
    number: Number
    period_from: date
    period_to: date


class SignDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A detached CMS (base64) over exactly the bytes of the draft."""

    signature: str


class DraftStatus(StrEnum):
    """REPLACED: another draft of the same number was formed."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    REPLACED = "REPLACED"


class Draft(msgspec.Struct, frozen=True):
    """A draft. `more`: services are left for another act, this one is full."""

    draft_id: UUID
    contract_id: UUID
    number: str
    period_from: date
    period_to: date
    status: DraftStatus
    cases: int
    more: bool
    content_sha256: str
    formed_at: datetime
    act_id: UUID | None


class SealedRecord(msgspec.Struct, frozen=True):
    """A service to be billed, as it lies there."""

    record_id: Key
    sealed: bytes


class SealedDraft(msgspec.Struct, frozen=True):
    """The bytes of a draft, as they lie there."""

    status: DraftStatus
    document_sealed: bytes | None
