"""The public record of a decision: canonical input and result, replayable by anyone (domain 3.4).

No personal data: applications go by opaque ids, co-executors by their place in the application, and
the number of a sole proprietor, which is an IIN, is left out (`seq_no` never ties, so it decides
nothing). No clock and no chance: the same inputs give the same bytes.

Every object has a short mark beside it, the beginning of its SHA-256. A mark proves nothing, the whole
hash and the seal do; it lets `replay` find the one digit that was changed, and say what it was.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.allocation.decision import case as cases
from backend.allocation.decision.inputs import Prepared
from backend.allocation.decision.model import ALGORITHM, Outcome
from backend.allocation.decision.record import PlanOf, SourceTotal

FORMAT = "saqtau-decision-1"
MARK_DIGITS = 16


class DecidedCase(msgspec.Struct, frozen=True):
    """A line of the announcement and what came of it."""

    prepared: Prepared
    outcome: Outcome


class Built(msgspec.Struct, frozen=True):
    """The published bytes, and the hashes of what they were computed from: of all, of each line."""

    content: bytes
    input_sha256: bytes
    line_sha256: tuple[bytes, ...]


def sha256_of_cases(canonical: Sequence[bytes]) -> bytes:
    """SHA-256 of canonical cases as one JSON array."""
    return hashlib.sha256(b"[" + b",".join(canonical) + b"]").digest()


def mark(value: Any) -> str:
    """The first sixteen hex digits of the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:MARK_DIGITS]


def build(
    announcement_id: UUID,
    plan: PlanOf,
    decided: Sequence[DecidedCase],
    totals: Sequence[SourceTotal],
    algorithm: str = ALGORITHM,
) -> Built:
    """The bytes that are published and signed.

    In `lines`, `case` is canonical JSON and `result` exactly the answer of `saqtau allocate` to it.
    """
    canonical, hashes, entries = [], [], []
    for one in decided:
        case = one.prepared.case
        raw = cases.canonical(case)
        digest = hashlib.sha256(raw)
        marks = {"applications": [mark(a) for a in cases.ordered(case)], "line": mark(case.line)}
        result = cases.answer(case, one.outcome, digest.hexdigest())
        source = one.prepared.offered.source
        entries.append(msgspec.Raw(msgspec.json.encode(entry(raw, result, marks, source))))
        canonical.append(raw)
        hashes.append(digest.digest())
    head = {
        "algorithm": algorithm,
        "announcement_id": announcement_id,
        "plan": plan,
        "totals": totals,
    }
    inputs = sha256_of_cases(canonical)
    content = document(head, inputs.hex(), entries, mark(head))
    return Built(content, inputs, tuple(hashes))


def entry(case: bytes, answer: Any, marks: Any, source: str) -> Any:
    """One element of `lines`."""
    return {"case": msgspec.Raw(case), "marks": marks, "result": answer, "source": source}


def document(head: Any, inputs: str, entries: Sequence[Any], head_mark: str) -> bytes:
    """The whole record from its parts, in their one order."""
    return msgspec.json.encode(
        {
            "format": FORMAT,
            "algorithm": head["algorithm"],
            "announcement_id": head["announcement_id"],
            "input_sha256": inputs,
            "lines": entries,
            "mark": head_mark,
            "plan": head["plan"],
            "totals": head["totals"],
        }
    )


def sealed(record: bytes, seal: bytes | None) -> bytes:
    """The file for everybody: the record as it is, and the issuer's seal over exactly its bytes."""
    return msgspec.json.encode(
        {
            "record": msgspec.Raw(record),
            "record_sha256": hashlib.sha256(record).hexdigest(),
            "seal": None if seal is None else base64.b64encode(seal).decode(),
        }
    )
