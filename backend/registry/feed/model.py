"""What every feed of an outside system has in common."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

# A source numbers its facts; PostgreSQL's bigint holds them.
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
# More rows than this go into the next batch: one batch is one transaction of well under a second.
ROWS_MAX = 5_000


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that was not taken: its place in the batch, why, and the field at fault."""

    index: int
    code: str
    path: str


class FeedAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many rows were new, how many known already, and which were refused.

    `changed`: so many persons or workers are not as they were, where rows are facts of which the
    last counts. `held` rows of this batch wait for an officer's decision under `hold_id`; nothing of
    the batch is applied until then (FAULTS 22).
    """

    accepted: int
    repeated: int
    refused: tuple[RefusedRow, ...]
    changed: int = 0
    held: int = 0
    hold_id: UUID | None = None


class StoredBatch(msgspec.Struct, frozen=True):
    """A batch taken earlier."""

    fingerprint: bytes
    received_at: datetime
    answer: dict[str, Any] | None


class Numbered(msgspec.Struct, frozen=True):
    """An executor by number, whatever became of it."""

    bin: str
    organisation_id: UUID
