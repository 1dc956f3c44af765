"""What makes a plan acceptable. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from backend.allocation.decision.model import BaseKind, Unit
from backend.allocation.plan.errors import LimitsExceeded, PilotExpired, PlanStateWrong
from backend.allocation.plan.model import LineDraft, PlanStatus, SourceSum
from backend.kernel.clock import legal_date
from backend.kernel.money import AMOUNT_MAX
from backend.kernel.tables import RowError

# What a spreadsheet takes for a formula when it stands first in a cell (CWE-1236).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

# How services of dental care are called: they are planned as lots of their own (A, "dental care"; R31).
DENTAL = ("dental", "dentistry", "stomatology")


def amount_of(line: LineDraft) -> int:
    """What a line costs, in tiyn: units times tariff, or the units themselves on a money line."""
    return line.planned_units * (1 if line.tariff_tiyn is None else line.tariff_tiyn)


def check_lines(lines: Sequence[LineDraft]) -> list[RowError]:
    """Everything wrong with the lines as a whole, by row; empty when they may be imported."""
    codes = Counter(line.code for line in lines)
    keys = Counter(map(_key, lines))
    errors: list[RowError] = []
    for row, line in enumerate(lines, start=1):
        if codes[line.code] > 1:
            errors.append(RowError(row, "code", "PLAN_ROW_CODE_TWICE"))
        if keys[_key(line)] > 1:
            errors.append(RowError(row, "service_type", "PLAN_ROW_LINE_TWICE"))
        errors.extend(_check_line(row, line))
    totals: Counter[str] = Counter()
    for line in lines:
        totals[line.source] += amount_of(line)
    if not errors and any(total > AMOUNT_MAX for total in totals.values()):
        errors.append(RowError(0, "planned_units", "PLAN_ROW_TOO_LARGE"))
    return errors


def _key(line: LineDraft) -> tuple[str, ...]:
    return (line.source, line.region, line.care_form, line.service_type)


def _check_line(row: int, line: LineDraft) -> Iterable[RowError]:
    for column in ("title_kk", "title_ru"):
        if getattr(line, column).startswith(FORMULA_SIGNS):
            yield RowError(row, column, "PLAN_ROW_FORMULA")
        if not getattr(line, column).isprintable():
            yield RowError(row, column, "PLAN_ROW_TEXT")
    if line.unit is Unit.SERVICE and line.tariff_tiyn is None:
        yield RowError(row, "tariff_tiyn", "PLAN_ROW_TARIFF_MISSING")
    elif line.unit is Unit.TIYN and line.tariff_tiyn is not None:
        yield RowError(row, "tariff_tiyn", "PLAN_ROW_TARIFF_EXTRA")
    elif amount_of(line) > AMOUNT_MAX:
        yield RowError(row, "planned_units", "PLAN_ROW_TOO_LARGE")
    if line.service_type.startswith(DENTAL) and not line.lot:
        yield RowError(row, "lot", "PLAN_ROW_LOT")
    # By attached population there is nothing but the application to go by (D25).
    if line.phc_full and line.base_kind is not BaseKind.APPLICATION:
        yield RowError(row, "base_kind", "PLAN_ROW_PHC_BASE")


def require_within_limits(sums: Iterable[SourceSum]) -> None:
    """No source costs more than its limit (domain 5.4, D24). Raises LimitsExceeded."""
    for found in sums:
        if found.amount_tiyn > found.limit_tiyn:
            raise LimitsExceeded(
                source=found.source.value,
                limit_tiyn=found.limit_tiyn,
                over_tiyn=found.amount_tiyn - found.limit_tiyn,
            )


def require_pilot(valid_to: str, at: datetime) -> None:
    """New placements only while the pilot lasts (M order ¶5, D1). Raises PilotExpired."""
    if legal_date(at) > date.fromisoformat(valid_to):
        raise PilotExpired(valid_to=valid_to)


def require_status(status: PlanStatus, wanted: PlanStatus) -> None:
    """The step is the next one of the plan's life. Raises PlanStateWrong."""
    if status is not wanted:
        raise PlanStateWrong(status=status.value, wanted=wanted.value)
