"""To which executor and facility a person is attached (M §38)."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX


class AttachmentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person is attached to a facility of an executor since that day."""

    iin: str
    executor_bin: str
    facility_id: UUID
    since: date


class AttachmentBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Attachments of a MIS."""

    batch_id: UUID
    attachments: Annotated[
        tuple[AttachmentEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)
    ]


class Attached(msgspec.Struct, frozen=True):
    """An attachment that changed: before (None: there was none) and after."""

    person_id: UUID
    executor_before: UUID | None
    facility_before: UUID | None
    executor_id: UUID
    facility_id: UUID


class Moved(msgspec.Struct, frozen=True):
    """A live policy that follows its holder to another executor."""

    person_id: UUID
    policy_id: UUID
    executor_before: UUID | None
    executor_id: UUID


class Attachment(msgspec.Struct, frozen=True):
    """The attachment now."""

    person_id: UUID
    executor_id: UUID
    facility_id: UUID
    since: date
