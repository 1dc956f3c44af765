"""Routes, and what a change does to lines. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from backend.allocation.plan_change.errors import (
    ChangeStateWrong,
    LineCommitted,
    LineTwice,
    LineUnknown,
    NotAgreedYet,
    NothingChanges,
)
from backend.allocation.plan_change.model import (
    AddLine,
    ChangeStatus,
    Edit,
    EditRow,
    LineChange,
    LineNow,
    NewLine,
    Outline,
    PlanChange,
    ReplaceLine,
    Route,
    SetUnits,
)

# P ¶20: released money, the year's redistribution, lists and names. All others need agreement (P ¶19).
BY_SILENCE: Final = frozenset({3, 6, 7})


def route_of(grounds: Sequence[int]) -> Route:
    """The stricter route of all grounds (domain 6.4)."""
    return Route.SILENCE if set(grounds) <= BY_SILENCE else Route.AGREEMENT


def require_applicable(change: PlanChange, now: datetime) -> None:
    """The ministry agreed, or was silent until the end of its tenth working day (P ¶19-20).

    Raises ChangeStateWrong after remarks and when it is over, NotAgreedYet.
    """
    if change.status is ChangeStatus.AGREED:
        return
    if change.status is not ChangeStatus.SENT_TO_MOH:
        raise ChangeStateWrong(status=change.status.value)
    if change.silence_ends_at is None:
        raise NotAgreedYet
    if now <= change.silence_ends_at:
        raise NotAgreedYet(until=change.silence_ends_at.isoformat())


def stored(edits: Sequence[Edit]) -> list[EditRow]:
    """The edits as rows."""
    return [_stored(edit) for edit in edits]


def _stored(edit: Edit) -> EditRow:
    if isinstance(edit, SetUnits):
        return EditRow("UNITS", edit.code, edit.planned_units, None, None, None)
    if isinstance(edit, AddLine):
        line = edit.line
        return EditRow("ADD", line.code, line.planned_units, line, None, None)
    return EditRow("REPLACE", edit.code, edit.planned_units, None, edit.new_code, edit.tariff_tiyn)


def edit_of(row: EditRow) -> Edit:
    """A stored edit as it was asked."""
    if row.line is not None:
        return AddLine(row.line)
    if row.new_code is not None:
        assert row.tariff_tiyn is not None, "the database says so"
        return ReplaceLine(row.code, row.new_code, row.tariff_tiyn, row.planned_units)
    return SetUnits(row.code, row.planned_units)


def outline(lines: Mapping[str, LineNow], edits: Sequence[Edit]) -> Outline:
    """What the edits do to the plan's lines as they stand; `lines` by code.

    A line is never cut below what is contracted, decided or announced. Raises LineTwice,
    LineUnknown, LineCommitted, NothingChanges, each with the place of the edit.
    """
    _require_once(edits)
    changes: list[LineChange] = []
    added: list[NewLine] = []
    for place, edit in enumerate(edits):
        path = f"edits[{place}]"
        if isinstance(edit, AddLine):
            if edit.line.code in lines:
                raise LineUnknown(path=f"{path}.line.code")
            line = edit.line
            added.append(NewLine(line, None, line.code, line.planned_units, line.tariff_tiyn))
            continue
        found = lines.get(edit.code)
        if found is None:
            raise LineUnknown(path=f"{path}.code")
        if isinstance(edit, ReplaceLine):
            if edit.new_code in lines or found.tariff_tiyn is None:
                raise LineUnknown(path=f"{path}.new_code")
            kept = found.committed_units + found.announced_units
            changes += [_changed(found, kept)] if kept != found.planned_units else []
            new = NewLine(None, found.line_id, edit.new_code, edit.planned_units, edit.tariff_tiyn)
            added.append(new)
        else:
            changes.append(_set(found, edit.planned_units, path))
    return Outline(changes, added)


def _require_once(edits: Sequence[Edit]) -> None:
    named: set[str] = set()
    for place, edit in enumerate(edits):
        codes = {edit.line.code} if isinstance(edit, AddLine) else {edit.code}
        codes |= {edit.new_code} if isinstance(edit, ReplaceLine) else set()
        if named & codes:
            raise LineTwice(path=f"edits[{place}]")
        named |= codes


def _set(line: LineNow, units: int, path: str) -> LineChange:
    if units == line.planned_units:
        raise NothingChanges(path=f"{path}.planned_units")
    promised = line.committed_units + line.announced_units
    if units < promised:
        raise LineCommitted(path=f"{path}.planned_units", least=promised)
    return _changed(line, units)


def _changed(line: LineNow, units: int) -> LineChange:
    tariff = 1 if line.tariff_tiyn is None else line.tariff_tiyn
    return LineChange(line.line_id, line.planned_units, units, line.amount_tiyn, units * tariff)
