"""Cancelling acts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.act.model import ActStatus, Sha256Hex
from backend.payments.ledger.model import Source

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class CancelAct(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="act.cancel", tag_field="operation"
):
    """The executor takes back exactly the act whose document has this hash."""

    act_id: UUID
    content_sha256: Sha256Hex
    reason: Reason


class AgreeToCancel(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="act.agree_to_cancel",
    tag_field="operation",
):
    """The issuer, who has signed it, agrees."""

    act_id: UUID
    content_sha256: Sha256Hex


class Cancellation(msgspec.Struct, frozen=True):
    """A cancelling act; `cancelled_at` is empty while the issuer's signature is awaited."""

    act_id: UUID
    reason: str
    proposed_at: datetime
    cancelled_at: datetime | None


class CancelledAct(msgspec.Struct, frozen=True):
    """What cancelling must know of an act."""

    act_id: UUID
    contract_id: UUID
    executor_id: UUID
    source: Source
    status: ActStatus
    content_sha256: bytes
    cases: int
    total_tiyn: int
    invoiced: bool
