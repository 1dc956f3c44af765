"""`saqtau simulate`: a plan and its applications allocated as they are, and as they might be.

For analysts, without a database. On a terminal tables, everywhere else one JSON document; with
`--plots` pictures too. Nothing it says is a decision.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from backend.allocation.decision.errors import AllocationRefused
from backend.allocation.decision.model import SCORE_MILLI_MAX
from backend.allocation.plan import rules as plan_rules
from backend.allocation.plan.model import LineDraft
from backend.allocation.plan.table import read_table
from backend.allocation.simulation import rules
from backend.allocation.simulation.errors import LineRefused
from backend.allocation.simulation.model import Comparison, Entry, Trial
from backend.allocation.simulation.table import read_applications
from backend.app.commands import console
from backend.kernel.tables import RowError

Shown = Literal["kk", "ru", "en"]
GROUPS = 5
_FAULTS_TOLD = 100


class Change(msgspec.Struct, frozen=True):
    """What is to be different: `None` as it is."""

    plan: str | None
    applications: str | None
    plan_percent: int | None
    scores: tuple[str, ...]
    score_shift: int | None
    minimum: str | None
    maximum: str | None
    algorithm: str | None


@click.command("simulate")
@click.argument("plan", metavar="PLAN.csv")
@click.argument("applications", metavar="APPLICATIONS.csv")
@click.option("--plan-after", metavar="FILE", help="another plan to compare with")
@click.option("--applications-after", metavar="FILE", help="other applications to compare with")
@click.option("--plan-percent", type=click.IntRange(0, 1_000), help="every line's plan, in percent")
@click.option("--score", "scores", multiple=True, metavar="ID=MILLI", help="an applicant's score")
@click.option("--score-shift", type=int, metavar="MILLI", help="all scores, by thousandths")
@click.option("--minimum", metavar="80,70,60,50,25", help="smallest shares of groups I-V, percent")
@click.option("--maximum", metavar="95,85,75,65,25", help="largest shares of groups I-V, percent")
@click.option("--algorithm", metavar="NAME", help="another algorithm (docs/allocation.md)")
@click.option("--plots", metavar="DIR", help="write PNG pictures there")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]), default="kk")
@click.option("--json", "as_json", is_flag=True, help="the JSON document on a terminal too")
def command(
    plan: str,
    applications: str,
    plan_after: str | None,
    applications_after: str | None,
    plan_percent: int | None,
    scores: tuple[str, ...],
    score_shift: int | None,
    minimum: str | None,
    maximum: str | None,
    algorithm: str | None,
    plots: str | None,
    language: Shown,
    as_json: bool,
) -> None:
    """Allocate PLAN.csv among APPLICATIONS.csv as it is and as it would be: who gains, who loses.

    PLAN.csv has the columns of a plan's import; APPLICATIONS.csv line, id, score_milli, requested,
    and where known bin, base, capacity, accreditation_rank, seq_no (docs/allocation.md).
    """
    change = Change(
        plan_after, applications_after, plan_percent, scores, score_shift, minimum, maximum,
        algorithm,
    )  # fmt: skip
    before = _trial(plan, applications)
    found = _compared(before, _after(before, plan, applications, change))
    written = _plots(found, plots, language) if plots is not None else []
    if sys.stdout is not None and sys.stdout.isatty() and not as_json:
        from backend.app.commands import simulate_table

        simulate_table.show(found, language, written)
        raise SystemExit(0)
    console.answer(msgspec.to_builtins(found) | {"plots": written}, yes=True)


def _trial(plan: str, applications: str) -> Trial:
    """The two tables, or a refusal that names every faulty row."""
    lines, faults = read_table(_text(plan))
    _require(plan, faults or plan_rules.check_lines(lines))
    entries, faults = read_applications(_text(applications), {line.code for line in lines})
    _require(applications, faults)
    return Trial(lines, entries)


def _after(before: Trial, plan: str, applications: str, change: Change) -> Trial:
    """The same with everything that is to be different."""
    changed = before
    if change.plan is not None or change.applications is not None:
        changed = _trial(change.plan or plan, change.applications or applications)
    lines: Sequence[LineDraft] = changed.lines
    if change.plan_percent is not None:
        lines = rules.with_plan_percent(lines, change.plan_percent)
        _require(plan, plan_rules.check_lines(lines))
    entries: Sequence[Entry] = changed.entries
    if change.scores:
        entries = rules.with_scores(entries, _scores(change.scores, entries))
    if change.score_shift is not None:
        entries = rules.with_score_shift(entries, change.score_shift)
    minimum, maximum = (
        _percents("--minimum", change.minimum),
        _percents("--maximum", change.maximum),
    )
    if change.algorithm is not None and (minimum or maximum):
        console.bad_argument("other shares are tried with our own algorithm: leave out --algorithm")
    return Trial(lines, entries, minimum, maximum, change.algorithm)


def _compared(before: Trial, after: Trial) -> Comparison:
    try:
        return rules.compare(rules.run(before), rules.run(after))
    except LineRefused as e:
        path = f"{e.line}.{e.refused.path}" if e.refused.path else e.line
        console.refuse(e.refused.actual_code, e.refused.detail, path)
    except AllocationRefused as e:
        console.refuse(e.actual_code, e.detail, e.path)


def _text(file: str) -> str:
    try:
        return console.read_bytes(file).decode("utf-8")
    except UnicodeDecodeError:
        console.refuse("NOT_UTF8", f"{file} is not a table in UTF-8")


def _require(file: str, faults: Sequence[RowError]) -> None:
    if not faults:
        return
    from backend.web import problems

    told = [
        {
            "row": fault.row,
            "column": fault.column,
            "code": fault.code,
            "detail": problems.text(fault.code, "en", {})[0],
        }
        for fault in faults[:_FAULTS_TOLD]
    ]
    document: dict[str, Any] = {
        "code": "ROWS_INVALID",
        "detail": f"{len(faults)} faults",
        "path": file,
        "errors": told,
    }
    console.answer(document, yes=False)


def _percents(option: str, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.split(",")
    plain = all(p.isascii() and p.isdigit() and len(p) <= 3 and int(p) <= 100 for p in parts)
    if len(parts) != GROUPS or not plain:
        console.bad_argument(f"{option}: five whole percentages are wanted, like 80,70,60,50,25")
    return tuple(int(p) for p in parts)


def _scores(texts: Sequence[str], entries: Sequence[Entry]) -> dict[str, int]:
    known = {entry.application.id for entry in entries}
    scores = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        if not (value.isascii() and value.isdigit()) or not 0 <= int(value[:9]) <= SCORE_MILLI_MAX:
            console.bad_argument(
                "--score: an applicant and 0 to 5000 thousandths are wanted, A=4900"
            )
        if name not in known:
            console.bad_argument(f"--score: no applicant has this id: {name}")
        scores[name] = int(value)
    return scores


def _plots(found: Comparison, folder: str, language: Shown) -> list[str]:
    from backend.app.commands import simulate_plots

    try:
        return simulate_plots.write(found, Path(folder), language)
    except ImportError:
        console.bad_argument("pictures need matplotlib: pip install matplotlib", "NO_MATPLOTLIB")
    except OSError as e:
        console.bad_argument(f"cannot write to {folder}: {e.strerror}", "OUTPUT_UNWRITABLE")
