"""A score from indicators: a weighted mean, exact, rounded once (domain 5.2). Pure.

`score = 5 x sum(weight x attained) / sum(weight)`, in fractions; to thousandths half up at the very
end. Nothing else goes in: not the owner, not the name, not the region.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from backend.allocation.decision.model import SCORE_MILLI_MAX
from backend.allocation.rating.model import IndicatorDraft, PartState, Scale
from backend.allocation.rating.record import Indicator, Part, Score, Value
from backend.kernel.money import round_half_up
from backend.kernel.tables import RowError

_TARGETED = (Scale.PROPORTION, Scale.AT_LEAST, Scale.ABOVE, Scale.AT_MOST)
_ATTAINED_STEP = Decimal("0.000001")


def attained(indicator: Indicator, value: Decimal) -> Fraction:
    """The part of the whole a value earns, 0 to 1, never more and never less."""
    exact = Fraction(value)
    if indicator.scale in (Scale.POINTS, Scale.PROPORTION):
        whole = indicator.max_points if indicator.scale is Scale.POINTS else indicator.target
        assert whole is not None, "the table keeps it"
        return min(Fraction(1), max(Fraction(0), exact / Fraction(whole)))
    assert indicator.target is not None, "the table keeps it"
    target = Fraction(indicator.target)
    if indicator.scale is Scale.AT_MOST:
        return Fraction(exact <= target)
    return Fraction(exact > target if indicator.scale is Scale.ABOVE else exact >= target)


def takes(indicator: Indicator | IndicatorDraft, value: Decimal) -> bool:
    """Whether a value can be one of this indicator's: points lie within 0 and the most there are."""
    if indicator.scale is not Scale.POINTS:
        return True
    return 0 <= value <= Decimal(indicator.max_points or 0)


def score(indicators: Sequence[Indicator], values: Mapping[str, Value]) -> Score:
    """The score of one executor for one kind of service; `values` by the indicators' codes.

    What does not apply is left out of the mean; what nobody told counts as nothing, for the unknown
    never passes (D28). An executor of whom nothing is told is a newcomer: score 0, NO_HISTORY (D17).
    """
    parts, whole, earned = [], Fraction(0), Fraction(0)
    known = False
    for indicator in indicators:
        told = values.get(indicator.code)
        state, part = _state(indicator, told), None
        if state is PartState.COUNTED:
            assert told is not None
            assert told.value is not None
            known, part = True, attained(indicator, told.value)
            earned += Fraction(indicator.weight) * part
        if state in (PartState.COUNTED, PartState.MISSING):
            whole += Fraction(indicator.weight)
        parts.append(
            Part(
                indicator.indicator_id,
                state,
                told.value if told else None,
                told.import_id if told else None,
                None if part is None else rounded(part),
            )
        )
    if not known or not whole:
        return Score(0, no_history=not known, parts=tuple(parts))
    mean = SCORE_MILLI_MAX * earned / whole
    return Score(
        round_half_up(mean.numerator, mean.denominator), no_history=False, parts=tuple(parts)
    )


def _state(indicator: Indicator, told: Value | None) -> PartState:
    if indicator.scale is Scale.INFORMATIONAL:
        return PartState.INFORMATIONAL
    if told is None:
        return PartState.MISSING
    return PartState.NOT_APPLICABLE if told.value is None else PartState.COUNTED


def rounded(part: Fraction) -> Decimal:
    """A part of the whole for people, to six digits; scores are computed from the fraction."""
    exact = Decimal(part.numerator) / Decimal(part.denominator)
    return exact.quantize(_ATTAINED_STEP, ROUND_HALF_UP)


def check_definitions(rows: Sequence[IndicatorDraft]) -> list[RowError]:
    """Everything wrong with definitions by themselves, by row."""
    faults, seen = [], set()
    for number, row in enumerate(rows, start=1):
        faults += [RowError(number, column, code) for column, code in _faults(row)]
        key = (row.service_type, row.code)
        if key in seen:
            faults.append(RowError(number, "code", "RATING_ROW_TWICE"))
        seen.add(key)
    return faults


def _faults(row: IndicatorDraft) -> Iterable[tuple[str, str]]:
    divisor = row.target if row.scale is Scale.PROPORTION else "1"
    if (row.scale in _TARGETED) != (row.target is not None) or Decimal(divisor or 0) <= 0:
        yield "target", "RATING_ROW_TARGET"
    most = "1" if row.max_points is None else row.max_points
    if (row.scale is Scale.POINTS) != (row.max_points is not None) or Decimal(most) <= 0:
        yield "max_points", "RATING_ROW_POINTS"
    if (row.scale is Scale.INFORMATIONAL) != (Decimal(row.weight) == 0):
        yield "weight", "RATING_ROW_WEIGHT"
    if row.valid_to is not None and row.valid_to < row.valid_from:
        yield "valid_to", "RATING_ROW_DATES"


def day_before(day: date) -> date:
    """The last day of a definition that another replaces on `day`."""
    return day - timedelta(days=1)
