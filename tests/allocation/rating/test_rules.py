"""A score: exact to the end, rounded once, from indicators alone."""

from datetime import date
from decimal import Decimal, localcontext
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.rating import rules
from backend.allocation.rating.model import IndicatorDraft, PartState, Scale
from backend.allocation.rating.record import Indicator, Value

EXECUTOR, IMPORT = UUID(int=1), UUID(int=2)


def indicator(
    code: str,
    scale: Scale = Scale.POINTS,
    weight: str = "1",
    target: str | None = None,
    max_points: str | None = None,
) -> Indicator:
    if scale is Scale.POINTS and max_points is None:
        max_points = "5"
    return Indicator(
        uuid4(), "phc", code, "т", "т", "t", "d", "%", "s", "f", scale,
        Decimal(target) if target else None,
        Decimal(max_points) if max_points else None,
        Decimal(weight), date(2026, 1, 1), None,
    )  # fmt: skip


def values(**told: str | None) -> dict[str, Value]:
    return {
        code: Value(EXECUTOR, "phc", code, None if v is None else Decimal(v), IMPORT)
        for code, v in told.items()
    }


@pytest.mark.parametrize(
    ("scale", "target", "value", "score"),
    [
        (Scale.POINTS, None, "4.6", 4600),
        (Scale.POINTS, None, "0", 0),
        (Scale.PROPORTION, "80", "60", 3750),
        (Scale.PROPORTION, "80", "90", 5000),  # no more than all of it
        (Scale.PROPORTION, "80", "-1", 0),
        (Scale.AT_LEAST, "50", "50", 5000),  # P2: >= 50 %
        (Scale.AT_LEAST, "50", "49.999999", 0),
        (Scale.ABOVE, "80", "80", 0),  # P1 is strict: > 80 %
        (Scale.ABOVE, "80", "80.000001", 5000),
        (Scale.AT_MOST, "0", "0", 5000),  # H1: 0 cases
        (Scale.AT_MOST, "0", "1", 0),
    ],
)
def test_each_scale(scale: Scale, target: str | None, value: str, score: int) -> None:
    assert rules.score([indicator("A", scale, target=target)], values(A=value)).score_milli == score


def test_a_score_is_rounded_once_at_the_very_end() -> None:
    """Thirds: 5000 x (1/3 + 1/3 + 1/3) is 5000, though each third rounded would make 4998 or 5001."""
    three = [indicator(code, Scale.PROPORTION, target="3") for code in "ABC"]
    assert rules.score(three, values(A="3", B="1", C="0")).score_milli == 2222
    thirds = [indicator(code, Scale.PROPORTION, "1", "3") for code in "ABC"]
    assert rules.score(thirds, values(A="1", B="1", C="1")).score_milli == 1667
    seven = [
        indicator("A", max_points="7", weight="0.3"),
        indicator("B", max_points="7", weight="0.7"),
    ]
    assert rules.score(seven, values(A="7", B="7")).score_milli == 5000
    # exactly half a thousandth goes up
    assert rules.score([indicator("A", max_points="10000")], values(A="4549")).score_milli == 2275


def test_what_nobody_told_counts_as_nothing_and_what_does_not_apply_not_at_all() -> None:
    two = [indicator("A"), indicator("B")]
    missing = rules.score(two, values(A="5"))
    assert (missing.score_milli, missing.no_history) == (2500, False)
    assert [p.state for p in missing.parts] == [PartState.COUNTED, PartState.MISSING]
    apart = rules.score(two, values(A="5", B=None))
    assert (apart.score_milli, apart.parts[1].state) == (5000, PartState.NOT_APPLICABLE)


@pytest.mark.parametrize("told", [{}, {"A": None}, {"I": "3"}])
def test_a_newcomer_has_no_history(told: dict[str, str | None]) -> None:
    own = [indicator("A"), indicator("I", Scale.INFORMATIONAL, weight="0")]
    found = rules.score(own, values(**told))
    assert (found.score_milli, found.no_history) == (0, True)


def test_information_changes_no_score() -> None:
    own = [indicator("A"), indicator("I", Scale.INFORMATIONAL, weight="0")]
    one, other = rules.score(own, values(A="4", I="1")), rules.score(own, values(A="4", I="99"))
    assert one.score_milli == other.score_milli == 4000


amounts = st.decimals(min_value=0, max_value=100, places=3)
weights = st.decimals(min_value="0.001", max_value=9, places=3)


@given(st.lists(st.tuples(weights, amounts, amounts), min_size=1, max_size=8))
def test_an_independent_sum_agrees(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """A hundred decimal digits instead of fractions; ties of half a thousandth cannot hide there."""
    own = [
        indicator(f"I{i}", weight=str(w), max_points=str(m + 1)) for i, (w, m, _) in enumerate(rows)
    ]
    told = values(**{f"I{i}": str(min(v, m + 1)) for i, (_, m, v) in enumerate(rows)})
    found = rules.score(own, told)
    with localcontext() as context:
        context.prec = 100
        earned = sum(w * min(v, m + 1) / (m + 1) for w, m, v in rows)
        exact = 5000 * earned / sum(w for w, _, _ in rows)
        assert abs(found.score_milli - exact) <= Decimal("0.5") + Decimal(10) ** -90
    assert 0 <= found.score_milli <= 5000


@given(st.lists(amounts, min_size=2, max_size=5), st.integers(0, 4), amounts)
def test_a_better_value_never_lowers_the_score(
    told: list[Decimal], place: int, more: Decimal
) -> None:
    own = [indicator(f"I{i}", Scale.PROPORTION, target="100") for i in range(len(told))]
    before = rules.score(own, values(**{f"I{i}": str(v) for i, v in enumerate(told)}))
    told[place % len(told)] += more
    after = rules.score(own, values(**{f"I{i}": str(v) for i, v in enumerate(told)}))
    assert after.score_milli >= before.score_milli


def draft(**given: object) -> IndicatorDraft:
    fields = {
        "service_type": "phc", "code": "A", "title_kk": "т", "title_ru": "т", "title_en": "t",
        "definition": "d", "unit": "%", "source_system": "s", "formula_ref": "f",
        "scale": Scale.AT_LEAST, "target": "50", "weight": "1", "valid_from": date(2026, 1, 1),
    }  # fmt: skip
    return IndicatorDraft(**{**fields, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_", "column"),
    [
        ({"target": None}, "target"),
        ({"scale": Scale.PROPORTION, "target": "0"}, "target"),
        ({"scale": Scale.POINTS, "max_points": "5"}, "target"),
        ({"scale": Scale.POINTS, "target": None}, "max_points"),
        ({"scale": Scale.POINTS, "target": None, "max_points": "0"}, "max_points"),
        ({"weight": "0"}, "weight"),
        ({"scale": Scale.INFORMATIONAL, "target": None, "weight": "1"}, "weight"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
    ],
)
def test_a_definition_that_means_nothing_is_refused(given_: dict[str, object], column: str) -> None:
    (fault,) = rules.check_definitions([draft(**given_)])
    assert (fault.row, fault.column) == (1, column)


def test_sound_definitions_pass_and_each_stands_once() -> None:
    assert rules.check_definitions([draft(), draft(code="B", weight="0.5")]) == []
    (fault,) = rules.check_definitions([draft(), draft()])
    assert (fault.row, fault.code) == (2, "RATING_ROW_TWICE")
