"""Pictures of the results."""

from collections.abc import Sequence
from pathlib import Path

from infra.bench.model import Result

DPI = 120
GOOD, BAD, NEUTRAL, TARGET = "#2a7f62", "#b8433a", "#4a6fa5", "#222222"


def ratios(results: Sequence[Result], path: Path) -> None:
    """One bar for each benchmark, its target as a mark, its rounds as dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.6 * len(results)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for place, result in enumerate(reversed(results)):
        axes.barh(place, result.ratio, color=_colour(result), height=0.55)
        axes.plot(result.samples, [place] * len(result.samples), ".", color="#00000088")
        if result.target is not None:
            axes.plot([result.target] * 2, [place - 0.4, place + 0.4], color=TARGET, linewidth=2)
    axes.set_yticks(range(len(results)), [_label(r) for r in reversed(results)])
    axes.set_xlabel("ratio to the limit of the same run (black mark: target)")
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=DPI)


def rounds(result: Result, path: Path) -> None:
    """The ratio round by round."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    numbers = range(1, len(result.samples) + 1)
    axes.plot(numbers, result.samples, "o-", color=_colour(result), label="round")
    axes.axhline(result.ratio, color=_colour(result), linestyle=":", label="median")
    if result.target is not None:
        axes.axhline(result.target, color=TARGET, label="target")
    axes.set_ylim(bottom=0)
    axes.set_xticks(list(numbers))
    axes.set_title(f"{_label(result)}, of: {result.of}", fontsize=9)
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=DPI)


def _colour(result: Result) -> str:
    return {True: GOOD, False: BAD, None: NEUTRAL}[result.met]


def _label(result: Result) -> str:
    return f"{result.name} ({'more' if result.higher_is_better else 'less'} is better)"
