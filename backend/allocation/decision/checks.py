"""What stops a whole line from being allocated: refusals before and after the computation. Pure."""

from collections.abc import Sequence

from backend.allocation.decision.errors import (
    DuplicateApplication,
    LimitExceeded,
    MissingCapacity,
    ScoreOutOfRange,
)
from backend.allocation.decision.model import SCORE_MILLI_MAX, Application, BaseKind, Line


def require_allocatable(
    line: Line, applications: Sequence[Application], entered: Sequence[int]
) -> None:
    """Refuse what makes the whole line uncomputable; `entered` is the output order.

    Raises ScoreOutOfRange (domain 5.2), DuplicateApplication (a repeated id, then a repeated bin),
    MissingCapacity (domain 5.4: unknown is never zero).
    """
    scores = [a.score_milli for a in applications]
    if scores and not 0 <= min(scores) <= max(scores) <= SCORE_MILLI_MAX:
        i = next(i for i in entered if not 0 <= scores[i] <= SCORE_MILLI_MAX)
        raise ScoreOutOfRange(
            f"a score lies within 0 and {SCORE_MILLI_MAX} thousandths",
            f"applications[{i}].score_milli",
        )
    _require_distinct([a.id for a in applications], entered, "id")
    _require_distinct([a.bin for a in applications], entered, "bin")
    bases = [a.base for a in applications]
    if line.base_kind is BaseKind.CAPACITY and None in bases:
        i = next(i for i in entered if bases[i] is None)
        raise MissingCapacity(
            "the capacity is the base of this line and is not known", f"applications[{i}].base"
        )


def _require_distinct(values: Sequence[str | None], entered: Sequence[int], name: str) -> None:
    """No value stands twice; None, an unknown one, may."""
    if len(set(values)) == len(values):
        return
    seen: set[str] = set()
    for i in entered:
        value = values[i]
        if value in seen:
            raise DuplicateApplication(
                f"another application has the same {name}", f"applications[{i}].{name}"
            )
        if value is not None:
            seen.add(value)


def require_within_limit(line: Line, amount_tiyn: int) -> None:
    """Block the decision that costs more than its source allows; never cut in silence (D24).

    Raises LimitExceeded.
    """
    if line.limit_tiyn is not None and amount_tiyn > line.limit_tiyn:
        raise LimitExceeded(
            "the allocated amount is above the limit of the budget source",
            "line.limit_tiyn",
        )
