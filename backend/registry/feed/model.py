"""What every feed of an outside system has in common."""

from datetime import datetime
from typing import Any

import msgspec

# More rows than this go into the next batch: one batch is one transaction of well under a second.
ROWS_MAX = 5_000


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that was not taken: its place in the batch, why, and the field at fault."""

    index: int
    code: str
    path: str


class FeedAnswer(msgspec.Struct, frozen=True):
    """How many rows were new, how many known already, and which were refused."""

    accepted: int
    repeated: int
    refused: tuple[RefusedRow, ...]


class StoredBatch(msgspec.Struct, frozen=True):
    """A batch taken earlier."""

    fingerprint: bytes
    received_at: datetime
    answer: dict[str, Any] | None
