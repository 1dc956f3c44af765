"""The public record of a decision: canonical input and result, replayable by anyone (domain 3.4).

No personal data: applications go by opaque ids, co-executors by their place in the application, and
the number of a sole proprietor, which is an IIN, is left out (`seq_no` never ties, so it decides
nothing). No clock and no chance: the same inputs give the same bytes.

Every object has a short mark beside it, the beginning of its SHA-256. A mark proves nothing, the whole
hash and the seal do; it lets `replay` find the one digit that was changed, and say what it was.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.allocation.decision import case as cases
from backend.allocation.decision.model import (
    ALGORITHM,
    Application,
    BaseKind,
    Case,
    CoExecutor,
    Line,
    Outcome,
)
from backend.allocation.decision.record import (
    AcceptedLine,
    AcceptedPart,
    OfferedLine,
    PlanOf,
    SourceTotal,
)

FORMAT = "saqtau-decision-1"
MARK_DIGITS = 16


class DecidedCase(msgspec.Struct, frozen=True):
    """A line of the announcement, its case and what came of it."""

    offered: OfferedLine
    case: Case
    outcome: Outcome


def build_cases(
    offered: Sequence[OfferedLine],
    accepted: Sequence[AcceptedLine],
    parts: Sequence[AcceptedPart],
) -> list[tuple[OfferedLine, Case]]:
    """One case for each line of the announcement, in the lines' order.

    The base is the capacity or this year's fact where the line says so, else the request. Without
    a rating the score is 0 (D17). The known capacity caps every line (domain 5.3, step 1).
    """
    parts_of: dict[tuple[UUID, UUID], list[AcceptedPart]] = defaultdict(list)
    for part in parts:
        parts_of[part.line_id, part.application_id].append(part)
    rows_of: dict[UUID, list[AcceptedLine]] = defaultdict(list)
    for row in accepted:
        rows_of[row.line_id].append(row)
    return [
        (line, Case(_line(line), _applications(line, rows_of[line.line_id], parts_of)))
        for line in offered
    ]


def _line(offered: OfferedLine) -> Line:
    return Line(
        id=offered.code,
        unit=offered.unit,
        plan=offered.units,
        tariff_tiyn=offered.tariff_tiyn,
        limit_tiyn=offered.amount_tiyn,
        base_kind=offered.base_kind,
        v_max_percent=offered.v_max_percent,
        phc_full=offered.phc_full,
    )


def _applications(
    line: OfferedLine,
    rows: Sequence[AcceptedLine],
    parts_of: dict[tuple[UUID, UUID], list[AcceptedPart]],
) -> tuple[Application, ...]:
    return tuple(
        Application(
            id=str(row.application_id),
            bin=row.bin,
            score_milli=row.score_milli or 0,
            base=_base(line, row),
            requested=row.requested,
            capacity=row.capacity,
            accreditation_rank=row.accreditation_rank or 0,
            seq_no=row.seq_no,
            co_executors=tuple(
                CoExecutor(str(part.co_executor_no), part.requested)
                for part in parts_of[row.line_id, row.application_id]
            ),
        )
        for row in rows
    )


def _base(line: OfferedLine, row: AcceptedLine) -> int | None:
    if line.base_kind is BaseKind.CAPACITY:
        return row.capacity
    return row.fact if line.base_kind is BaseKind.FACT else None


def input_sha256(decided: Sequence[DecidedCase]) -> bytes:
    """SHA-256 of all cases as one canonical JSON array: what the decision was computed from."""
    return sha256_of_cases([cases.canonical(d.case) for d in decided])


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
) -> bytes:
    """The bytes that are published and signed.

    In `lines`, `case` is canonical JSON and `result` exactly the answer of `saqtau allocate` to it.
    """
    entries = [
        entry(
            cases.canonical(d.case),
            cases.answer(d.case, d.outcome),
            {
                "applications": [mark(a) for a in cases.ordered(d.case)],
                "line": mark(d.case.line),
            },
            d.offered.source,
        )
        for d in decided
    ]
    head = {
        "algorithm": algorithm,
        "announcement_id": announcement_id,
        "plan": plan,
        "totals": totals,
    }
    return document(head, input_sha256(decided).hex(), entries, mark(head))


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
