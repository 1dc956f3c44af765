"""`saqtau bench`: measured ratios (CONTRACT.md; docs/bench.md says what each one means)."""

import asyncio
import math
import sys
from datetime import datetime

import click

from backend.app.commands import console
from backend.kernel.clock import LEGAL_ZONE

DEFAULT_S = 5.0
MIN_S, MAX_S = 0.1, 600.0


@click.command(help="Measure, as ratios to the limit of the same run. Without NAME, all.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--seconds", type=float, default=DEFAULT_S, help="Length of one round (default 5).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array and nothing else.")
def command(names: tuple[str, ...], seconds: float, as_json: bool) -> None:
    """Start what is needed, measure, stop it; exit 1 when a benchmark could not be measured."""
    from rich.console import Console

    from infra import servers
    from infra.bench import report, suite
    from infra.bench.model import Result, Unknown
    from infra.bench.run import run

    if not math.isfinite(seconds) or not MIN_S <= seconds <= MAX_S:
        console.bad_argument(f"--seconds must lie between {MIN_S:g} and {MAX_S:g}")
    try:
        chosen = suite.chosen(names)
    except Unknown as e:
        console.bad_argument(str(e))

    results: list[Result] = []
    failures: list[tuple[str, str]] = []
    screen = Console(stderr=True)
    try:
        with screen.status("starting") as status:
            asyncio.run(
                run(
                    chosen,
                    seconds,
                    say=status.update,
                    done=results.append,
                    failed=lambda name, why: failures.append((name, why)),
                )
            )
    except servers.ServersUnavailable as e:
        console.bad_argument(str(e), "SERVERS_UNAVAILABLE")
    except asyncio.CancelledError:
        sys.exit(130)
    if as_json:
        click.echo(report.to_json(results))
    elif results:
        report.show(results, Console())
    if results:
        try:
            kept = report.keep(results, datetime.now(LEGAL_ZONE))
        except (OSError, ImportError) as e:
            screen.print(f"the results were not kept: {e}")
        else:
            screen.print(f"kept in {kept.parent}", soft_wrap=True)
    for name, why in failures:
        screen.print(f"[bold red]{name} could not be measured[/]: {why}", soft_wrap=True)
    if failures:
        sys.exit(1)
