"""What the demo shows: a live line per chapter, then the table of checks and the money."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from backend.app.demo.model import Check, Summary
from backend.kernel.money import for_people


class Screen:
    """Draws on standard error, so that standard output stays free for scripts."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.durations_s: dict[str, float] = {}
        self._progress: Progress | None = None

    @contextmanager
    def story(self) -> Iterator[None]:
        """The live part: chapters appear one under another with their progress."""
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✔[/green]"),
            TextColumn("[bold]{task.description}[/bold]", table_column=None),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[note]}[/dim]"),
            console=self.console,
        )
        with self._progress:
            yield
        self._progress = None

    @contextmanager
    def chapter(self, name: str, title: str, steps: int) -> Iterator["Chapter"]:
        """One chapter of `steps` steps; its time is kept under `name`."""
        assert self._progress is not None, "chapters belong into the story"
        task = self._progress.add_task(title, total=max(1, steps), note="")
        started = time.perf_counter()
        chapter = Chapter(self._progress, task)
        try:
            yield chapter
            self._progress.update(task, completed=max(1, steps))
        finally:
            self.durations_s[name] = round(time.perf_counter() - started, 2)

    def say(self, text: str) -> None:
        """One line of text."""
        self.console.print(text)

    def show(self, summary: Summary) -> None:
        """The table of checks, the counts, the money line."""
        self.console.print(_checks(summary.checks))
        self.console.print(_counts(summary))
        self.console.print(_money(summary.money))


class Chapter:
    """The live line of one chapter."""

    def __init__(self, progress: Progress, task: object) -> None:
        self._progress, self._task = progress, task

    def step(self, n: int = 1, note: str | None = None) -> None:
        """`n` steps are done; `note` says what happens now."""
        fields = {} if note is None else {"note": note}
        self._progress.update(self._task, advance=n, **fields)  # type: ignore[arg-type]

    def note(self, text: str) -> None:
        """Say what happens now."""
        self._progress.update(self._task, note=text)  # type: ignore[arg-type]


def _checks(checks: list[Check]) -> Table:
    table = Table(title="Checks", title_justify="left", header_style="bold", expand=False)
    table.add_column("")
    table.add_column("Check", no_wrap=True)
    table.add_column("What the database or the API says")
    for check in checks:
        mark = "[green]✔[/green]" if check.ok else "[red]✘[/red]"
        table.add_row(mark, check.name, check.detail)
    return table


def _counts(summary: Summary) -> Table:
    table = Table(title="In numbers", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("how many", justify="right")
    for name, count in summary.counts.items():
        table.add_row(name.replace("_", " "), f"{count:,}".replace(",", " "))
    return table


def _money(money: dict[str, int]) -> Panel:
    names = {
        "planned_tiyn": "planned",
        "allocated_tiyn": "allocated",
        "residue_tiyn": "residue",
        "contracted_tiyn": "contracted",
        "accepted_tiyn": "accepted",
        "paid_tiyn": "paid",
    }
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for key, name in names.items():
        table.add_row(name, for_people(money[key], "en"))
    return Panel(table, title="Money", title_align="left", expand=False)
