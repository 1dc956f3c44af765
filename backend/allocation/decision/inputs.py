"""What a decision is computed from: one case for each announced line, and where its numbers came from.

Everything is frozen here. A capacity too old to be known is not known (D28); a co-executor's is counted
once on a line (D23); what an earlier decision of the plan gave on the line is no longer free (D21). Pure.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.allocation.capacity import rules as capacities
from backend.allocation.capacity.model import Applicant, Freshness, Partner
from backend.allocation.decision.model import (
    COEFFICIENT_ONE,
    Application,
    BaseKind,
    Case,
    CoExecutor,
    Line,
    WeightedApplication,
)
from backend.allocation.decision.record import AcceptedLine, AcceptedPart, OfferedLine, Origin


class Prepared(Struct, frozen=True):
    """A line of the announcement, its case, and behind each application its row and its origin."""

    offered: OfferedLine
    case: Case
    rows: tuple[AcceptedLine, ...]
    origins: tuple[Origin, ...]


def prepare(
    offered: Sequence[OfferedLine],
    accepted: Sequence[AcceptedLine],
    parts: Sequence[AcceptedPart],
    at: datetime,
) -> list[Prepared]:
    """One case for each line of the announcement, in the lines' order.

    The base is the capacity or this year's fact where the line says so, else the request. Without
    a rating the score is 0 (D17). The known capacity caps every line (domain 5.3, step 1).
    """
    parts_of: dict[UUID, list[AcceptedPart]] = defaultdict(list)
    for part in parts:
        parts_of[part.line_id].append(part)
    rows_of: dict[UUID, list[AcceptedLine]] = defaultdict(list)
    for row in accepted:
        rows_of[row.line_id].append(row)
    return [
        _prepared(line, tuple(rows_of[line.line_id]), parts_of[line.line_id], at)
        for line in offered
    ]


def _prepared(
    line: OfferedLine, rows: tuple[AcceptedLine, ...], parts: Sequence[AcceptedPart], at: datetime
) -> Prepared:
    own = [_known(row.capacity, row.capacity_as_of, at) for row in rows]
    added = _added(rows, own, parts, at) if parts else {}
    carried: dict[UUID, list[CoExecutor]] = defaultdict(list)
    for part in parts:
        carried[part.application_id].append(CoExecutor(str(part.co_executor_no), part.requested))
    origins = tuple(
        [
            Origin(
                row.rating_import_id,
                capacity,
                added.get(row.application_id, 0),
                row.capacity_as_of,
                row.capacity_import_id,
                row.capacity_run_id,
                row.fact_import_id,
                row.given_before,
                row.coefficient_import_id,
            )
            for row, capacity in zip(rows, own, strict=True)
        ]
    )
    applications = tuple(
        [
            _application(line, row, origin, tuple(carried.get(row.application_id, ())))
            for row, origin in zip(rows, origins, strict=True)
        ]
    )
    return Prepared(line, Case(_line(line), applications), rows, origins)


def _known(capacity: int | None, as_of: datetime | None, at: datetime) -> int | None:
    fresh = capacities.freshness(capacity, as_of, at) is Freshness.FRESH
    return capacity if fresh else None


def _added(
    rows: Sequence[AcceptedLine],
    own: Sequence[int | None],
    parts: Sequence[AcceptedPart],
    at: datetime,
) -> dict[UUID, int]:
    applicants = [
        Applicant(row.application_id, row.executor_id, row.seq_no, capacity)
        for row, capacity in zip(rows, own, strict=True)
    ]
    partners = [
        Partner(part.application_id, part.co_executor_no, part.executor_id, part.requested, known)
        for part in parts
        if part.executor_id is not None
        and (known := _known(part.capacity, part.capacity_as_of, at)) is not None
    ]
    return capacities.added_by_partners(applicants, partners)


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


def _application(
    line: OfferedLine, row: AcceptedLine, origin: Origin, parts: tuple[CoExecutor, ...]
) -> Application:
    capacity = free_of(origin)
    base = None
    if line.base_kind is BaseKind.CAPACITY:
        base = capacity
    elif line.base_kind is BaseKind.FACT and row.fact is not None:
        base = max(0, row.fact - row.given_before)
    application = Application(
        id=str(row.application_id),
        bin=row.bin,
        score_milli=row.score_milli or 0,
        base=base,
        requested=row.requested,
        capacity=capacity,
        accreditation_rank=row.accreditation_rank or 0,
        seq_no=row.seq_no,
        co_executors=parts,
    )
    if row.coefficient_milli is None or row.coefficient_milli == COEFFICIENT_ONE:
        return application
    own = {name: getattr(application, name) for name in Application.__struct_fields__}
    return WeightedApplication(**own, coefficient_milli=row.coefficient_milli)


def free_of(origin: Origin) -> int | None:
    """The capacity that is still free; None where the applicant's own is not known."""
    if origin.own_capacity is None:
        return None
    return max(0, origin.own_capacity + origin.co_capacity - origin.given_before)
