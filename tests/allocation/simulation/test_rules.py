"""Trials: what is asked to be different is, everything else stays, and all sums agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.decision.algorithms import THRESHOLD
from backend.allocation.decision.model import Application, BaseKind, Unit
from backend.allocation.plan.model import LineDraft, Source
from backend.allocation.simulation import rules
from backend.allocation.simulation.errors import LineRefused
from backend.allocation.simulation.model import Entry, Trial

# TV02 of domain 5.5 on one line, the same people on a money line.
SCORES = {"A": 4900, "B": 4700, "C": 3500}
BASES = {"A": 1000, "B": 700, "C": 1333}


def line(code: str, plan: int, source: Source = Source.MHI, tariff: int | None = 100) -> LineDraft:
    return LineDraft(
        code=code, source=source, region=code[:2], service_type="cdc", care_form="outpatient",
        title_kk="КДҚ", title_ru="КДУ", unit=Unit.TIYN if tariff is None else Unit.SERVICE,
        planned_units=plan, tariff_tiyn=tariff, base_kind=BaseKind.CAPACITY, payment_method="fee",
    )  # fmt: skip


def asked(code: str, place: int, name: str, score: int, base: int | None) -> Entry:
    application = Application(
        id=name, bin=None, score_milli=score, base=base, requested=2000, capacity=None,
        accreditation_rank=0, seq_no=place,
    )  # fmt: skip
    return Entry(code, application)


LINES = [line("75-cdc", 2500), line("10-money", 900, Source.GVFMC, None)]
ENTRIES = [
    asked(code, place, name, SCORES[name], BASES[name])
    for code in ("75-cdc", "10-money")
    for place, name in enumerate("ABC", start=1)
]
NOW = Trial(LINES, ENTRIES)


def units(trial: Trial, code: str) -> dict[str, int]:
    return {g.id: g.allocated for g in rules.run(trial).given if g.line == code}


def test_a_trial_as_it_is_gives_what_a_decision_would() -> None:
    assert units(NOW, "75-cdc") == {"A": 922, "B": 645, "C": 933}  # TV02


def test_other_shares_change_who_gets_what() -> None:
    even = Trial(LINES, ENTRIES, minimum=(50,) * 5, maximum=(50,) * 5)
    assert units(even, "75-cdc") == {"A": 500, "B": 350, "C": 666}


def test_another_maximum_of_group_v_reaches_every_line() -> None:
    poor = [asked("75-cdc", 1, "A", 100, 1000)]
    assert units(Trial(LINES, poor), "75-cdc") == {"A": 250}
    raised = Trial(LINES, poor, maximum=(95, 85, 75, 65, 40))
    assert units(raised, "75-cdc") == {"A": 400}


def test_scores_plans_and_algorithms_may_be_others() -> None:
    risen = Trial(LINES, rules.with_scores(ENTRIES, {"C": 4900}))
    assert units(risen, "75-cdc")["C"] > 933
    fallen = Trial(LINES, rules.with_score_shift(ENTRIES, -5000))
    assert units(fallen, "75-cdc") == {"A": 250, "B": 175, "C": 333}
    assert rules.with_plan_percent(LINES, 33)[0].planned_units == 825
    near = [asked("75-cdc", 1, "A", 4560, 1000)]  # I by tenths, II by threshold (D18)
    assert units(Trial(LINES, near), "75-cdc") == {"A": 950}
    assert units(Trial(LINES, near, algorithm=THRESHOLD), "75-cdc") == {"A": 850}


def test_a_line_that_cannot_be_computed_is_named() -> None:
    unknown = [asked("75-cdc", 1, "A", 4900, None)]
    with pytest.raises(LineRefused) as refused:
        rules.run(Trial(LINES, unknown))
    assert (refused.value.line, refused.value.refused.actual_code) == ("75-cdc", "MISSING_CAPACITY")


@given(
    percent=st.integers(0, 300),
    shift=st.integers(-5000, 5000),
    low=st.lists(st.integers(0, 100), min_size=5, max_size=5),
    high=st.lists(st.integers(0, 100), min_size=5, max_size=5),
)
def test_every_way_of_adding_up_gives_the_same_sums(
    percent: int, shift: int, low: list[int], high: list[int]
) -> None:
    after = Trial(
        rules.with_plan_percent(LINES, percent),
        rules.with_score_shift(ENTRIES, shift),
        tuple(low),
        tuple(high),
    )
    found = rules.compare(rules.run(NOW), rules.run(after))
    for pairs in (found.by_source, found.by_region, found.by_group):
        assert sum(p.before.amount_tiyn for p in pairs) == found.total.before.amount_tiyn
        assert sum(p.after.amount_tiyn for p in pairs) == found.total.after.amount_tiyn
        assert sum(p.after.applications for p in pairs) == len(ENTRIES)
    assert sum(m.after_tiyn for m in found.applicants) == found.total.after.amount_tiyn
    assert found.total.after.amount_tiyn <= (found.total.after.planned_tiyn or 0)
    assert sum(after for _, after in found.modes.values()) == len(LINES)


def test_nothing_different_is_no_difference() -> None:
    found = rules.compare(rules.run(NOW), rules.run(NOW))
    assert all(p.before == p.after for p in (*found.by_region, *found.by_group, found.total))
    assert all(m.before_tiyn == m.after_tiyn for m in found.applicants)
