"""What an agreement does to the lines of its contract. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from backend.allocation.amendment.errors import (
    AmendmentStateWrong,
    ChangeNotInForce,
    LineInvalid,
    LineNotFree,
)
from backend.allocation.amendment.model import (
    CoExecutorPart,
    ContractNow,
    LineChange,
    LineNow,
    LineUnits,
    PlanChangeNow,
)
from backend.allocation.contract.model import ContractStatus
from backend.allocation.decision.rules import largest_remainder


def require_amendable(contract: ContractNow, change: PlanChangeNow | None) -> None:
    """The contract is in force, the change too, and both are of one plan.

    Raises AmendmentStateWrong, ChangeNotInForce.
    """
    if contract.status is not ContractStatus.SIGNED:
        raise AmendmentStateWrong(status=contract.status.value)
    if change is None or not change.applied or change.plan_id != contract.plan_id:
        raise ChangeNotInForce(path="change_id")


def outline(
    lines: Mapping[UUID, LineNow], asked: Sequence[LineUnits], source: str
) -> list[LineChange]:
    """What becomes of each line asked for, in the order of codes. Raises LineInvalid, LineNotFree."""
    seen: set[UUID] = set()
    changes = []
    for place, one in enumerate(asked):
        path = f"lines[{place}]"
        line = lines.get(one.line_id)
        if line is None or line.source != source or one.line_id in seen:
            raise LineInvalid(path=f"{path}.line_id")
        seen.add(one.line_id)
        if one.units == line.contract_units:
            raise LineInvalid(path=f"{path}.units")
        if one.units - line.contract_units > line.free_units:
            raise LineNotFree(path=f"{path}.units", free=line.free_units)
        changes.append(_change(line, one.units))
    return sorted(changes, key=lambda c: c.code)


def _change(line: LineNow, units: int) -> LineChange:
    tariff = line.tariff_tiyn
    return LineChange(
        line.line_id,
        line.code,
        line.title_kk,
        line.title_ru,
        line.unit,
        tariff,
        line.contract_units,
        units,
        line.contract_amount_tiyn,
        units * (1 if tariff is None else tariff),
    )


def co_executors(
    changes: Sequence[LineChange], parts: Sequence[CoExecutorPart]
) -> dict[int, dict[str, int]]:
    """What each co-executor carries of the changed lines now, by its number and the line's code (D23).

    In proportion to what was asked for; equal remainders go to the applicant's own part first.
    """
    carried: dict[int, dict[str, int]] = {part.co_executor_no: {} for part in parts}
    for change in changes:
        of = sorted(
            (p for p in parts if p.line_id == change.line_id), key=lambda p: p.co_executor_no
        )
        if not of:
            continue
        asked = [p.asked for p in of]
        shares = largest_remainder(change.units_after, [of[0].asked_in_all - sum(asked), *asked])
        for part, units in zip(of, shares[1:], strict=True):
            carried[part.co_executor_no][change.code] = units
    return carried
