"""Try a plan under given rules, and compare two trials. Pure: no clock, no chance, no database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from backend.allocation.decision import algorithms
from backend.allocation.decision.errors import AllocationRefused
from backend.allocation.decision.model import ALGORITHM, SCORE_MILLI_MAX, Application, Line, Outcome
from backend.allocation.decision.rules import LAW, Percents, allocate
from backend.allocation.plan.model import LineDraft
from backend.allocation.simulation.errors import LineRefused
from backend.allocation.simulation.model import (
    Comparison,
    Entry,
    Given,
    LineResult,
    Mover,
    Pair,
    Run,
    Sums,
    Trial,
)


def run(trial: Trial) -> Run:
    """Every line of the plan allocated among its applications (domain 5.3).

    Raises LineRefused with the line's code: the fault of one line stops the trial, as it does a decision.
    """
    asking: dict[str, list[Application]] = defaultdict(list)
    for entry in trial.entries:
        asking[entry.line].append(entry.application)
    compute = _algorithm(trial)
    results, given = [], []
    for draft in trial.lines:
        line, applications = _line(draft), asking.get(draft.code, [])
        try:
            outcome = compute(line, applications)
        except AllocationRefused as refused:
            raise LineRefused(draft.code, refused) from None
        results.append(_result(draft, line, outcome, applications))
        given += _given(line, applications, outcome)
    return Run(results, given)


def _algorithm(trial: Trial) -> Callable[[Line, Sequence[Application]], Outcome]:
    """The algorithm of that name; other shares are tried with our own alone."""
    if trial.minimum is None and trial.maximum is None:
        return algorithms.named(trial.algorithm or ALGORITHM)
    percents = Percents(
        LAW.minimum if trial.minimum is None else trial.minimum,
        LAW.maximum if trial.maximum is None else trial.maximum[:4],
        None if trial.maximum is None else trial.maximum[4],
    )
    return lambda line, applications: allocate(line, applications, percents=percents)


def _line(draft: LineDraft) -> Line:
    return Line(
        id=draft.code,
        unit=draft.unit,
        plan=draft.planned_units,
        tariff_tiyn=draft.tariff_tiyn,
        limit_tiyn=None,
        base_kind=draft.base_kind,
        v_max_percent=draft.v_max_percent,
        phc_full=draft.phc_full,
    )


def _tariff(line: Line) -> int:
    return 1 if line.tariff_tiyn is None else line.tariff_tiyn


def _result(
    draft: LineDraft, line: Line, outcome: Outcome, applications: Sequence[Application]
) -> LineResult:
    return LineResult(
        draft.code,
        draft.source,
        draft.region,
        outcome.mode,
        line.plan * _tariff(line),
        sum(a.requested for a in applications) * _tariff(line),
        outcome.amount_tiyn,
        outcome.residue,
        len(applications),
    )


def _given(line: Line, applications: Sequence[Application], outcome: Outcome) -> list[Given]:
    known = {a.id: a for a in applications}
    tariff = _tariff(line)
    return [
        Given(
            line.id,
            share.id,
            share.group,
            known[share.id].score_milli,
            known[share.id].requested * tariff,
            share.allocated,
            share.amount_tiyn,
        )
        for share in outcome.shares
    ]


def with_plan_percent(lines: Sequence[LineDraft], percent: int) -> list[LineDraft]:
    """Every line's plan at so many percent of what it is, rounded down."""
    return [replace(line, planned_units=line.planned_units * percent // 100) for line in lines]


def with_scores(entries: Sequence[Entry], score_milli: dict[str, int]) -> list[Entry]:
    """Applicants named get these scores on every line they ask for."""
    return [
        replace(e, application=replace(e.application, score_milli=score_milli[e.application.id]))
        if e.application.id in score_milli
        else e
        for e in entries
    ]


def with_score_shift(entries: Sequence[Entry], by_milli: int) -> list[Entry]:
    """Every score moved by so many thousandths, kept within 0 to 5 points."""
    return [
        replace(e, application=replace(e.application, score_milli=_within(e, by_milli)))
        for e in entries
    ]


def _within(entry: Entry, by_milli: int) -> int:
    return max(0, min(SCORE_MILLI_MAX, entry.application.score_milli + by_milli))


def compare(before: Run, after: Run) -> Comparison:
    """The two runs added up by source, region, group and applicant."""
    total = Pair("", _sums(before.lines), _sums(after.lines))
    return Comparison(
        total=total,
        by_source=_pairs(before, after, lambda line: line.source),
        by_region=_pairs(before, after, lambda line: line.region),
        by_group=_groups(before, after),
        applicants=_movers(before, after),
        modes=_modes(before, after),
    )


def _sums(lines: Sequence[LineResult]) -> Sums:
    return Sums(
        sum(line.applications for line in lines),
        sum(line.planned_tiyn for line in lines),
        sum(line.asked_tiyn for line in lines),
        sum(line.amount_tiyn for line in lines),
    )


def _pairs(before: Run, after: Run, key: Callable[[LineResult], str]) -> list[Pair]:
    names = sorted({key(line) for run_ in (before, after) for line in run_.lines})
    told = []
    for name in names:
        of = [[line for line in run_.lines if key(line) == name] for run_ in (before, after)]
        told.append(Pair(name, _sums(of[0]), _sums(of[1])))
    return told


def _groups(before: Run, after: Run) -> list[Pair]:
    """By the group an application stands in, in each run its own: who climbs is counted above."""
    return [
        Pair(name, _of_group(before.given, name), _of_group(after.given, name))
        for name in ("I", "II", "III", "IV", "V")
    ]


def _of_group(given: Iterable[Given], group: str) -> Sums:
    of = [g for g in given if g.group == group]
    return Sums(len(of), None, sum(g.asked_tiyn for g in of), sum(g.amount_tiyn for g in of))


def _movers(before: Run, after: Run) -> list[Mover]:
    """All applicants, who loses most first; equal ones by id."""
    sums = [Counter[str](), Counter[str]()]
    for total, run_ in zip(sums, (before, after), strict=True):
        for g in run_.given:
            total[g.id] += g.amount_tiyn
    movers = [Mover(name, sums[0][name], sums[1][name]) for name in sums[0].keys() | sums[1].keys()]
    return sorted(movers, key=lambda m: (m.after_tiyn - m.before_tiyn, m.id))


def _modes(before: Run, after: Run) -> dict[str, tuple[int, int]]:
    counted = [Counter(line.mode for line in run_.lines) for run_ in (before, after)]
    return {
        mode: (counted[0][mode], counted[1][mode])
        for mode in sorted(counted[0].keys() | counted[1].keys())
    }
