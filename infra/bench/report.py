"""The answer: one JSON array for scripts, a table for people, files for later."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from infra.bench.model import Result

RESULTS = Path(__file__).parent / "results"


def to_json(results: Sequence[Result]) -> str:
    """The array of CONTRACT.md."""
    return json.dumps(msgspec.to_builtins(list(results)), ensure_ascii=False)


def show(results: Sequence[Result], console: Console) -> None:
    """The table for people."""
    table = Table(
        title="Ratios to the limit of the same run", title_justify="left", box=SIMPLE_HEAD
    )
    table.add_column("benchmark", no_wrap=True)
    for heading in ("ratio", "target", "rounds", "ours /s", "limit /s", "p50 / p99 ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        table.add_row(
            result.name,
            _ratio(result),
            _target(result),
            f"{min(result.samples):g}..{max(result.samples):g}",
            _figure(result, "ours_per_s"),
            _figure(result, "limit_per_s"),
            f"{_figure(result, 'ours_p50_ms')} / {_figure(result, 'ours_p99_ms')}",
        )
    console.print(table)
    for result in results:
        unit = result.detail.get("unit", "units")
        console.print(f"  [bold]{result.name}[/]: {unit}; the limit is {result.of}")


def _ratio(result: Result) -> str:
    colour = {True: "green", False: "red", None: "default"}[result.met]
    return f"[bold {colour}]{result.ratio:g}[/]"


def _target(result: Result) -> str:
    if result.target is None:
        return "-"
    return f"{'>=' if result.higher_is_better else '<='}{result.target:g}"


def _figure(result: Result, name: str) -> str:
    value = result.detail.get(name)
    return "-" if value is None else f"{value:,}"


def keep(results: Sequence[Result], at: datetime, folder: Path = RESULTS) -> Path:
    """Write the results as JSON and PNG into `folder`; the JSON's path. Raises OSError."""
    from infra.bench import plots

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%d-%H%M%S}.json"
    path.write_text(to_json(results) + "\n", encoding="utf-8")
    plots.ratios(results, folder / "ratios.png")
    for result in results:
        plots.rounds(result, folder / f"{result.name}.png")
    return path
