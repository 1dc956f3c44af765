"""The public record of a decision: canonical input and result, replayable by anyone (domain 3.4).

No personal data: applications go by opaque ids, co-executors by their place in the application, and
the number of a sole proprietor, which is an IIN, is left out (`seq_no` never ties, so it decides
nothing). No clock and no chance: the same inputs give the same bytes.
"""

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
    return hashlib.sha256(
        b"[" + b",".join(cases.canonical(d.case) for d in decided) + b"]"
    ).digest()


def build(
    announcement_id: UUID,
    plan: PlanOf,
    decided: Sequence[DecidedCase],
    totals: Sequence[SourceTotal],
) -> bytes:
    """The bytes that are published and signed.

    In `lines`, `case` is canonical JSON and `result` exactly the answer of `saqtau allocate` to it.
    """
    document: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "announcement_id": announcement_id,
        "input_sha256": input_sha256(decided).hex(),
        "lines": [
            {
                "case": msgspec.Raw(cases.canonical(d.case)),
                "result": msgspec.Raw(msgspec.json.encode(cases.answer(d.case, d.outcome))),
                "source": d.offered.source,
            }
            for d in decided
        ],
        "plan": plan,
        "totals": totals,
    }
    return msgspec.json.encode(document)
