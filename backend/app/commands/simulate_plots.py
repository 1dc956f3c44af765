"""Pictures of a simulation: what each source, region, group and applicant gets before and after."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from backend.allocation.simulation.model import Comparison, Mover, Pair
from backend.app.commands.simulate_words import WORDS
from backend.kernel.money import Language

DPI = 130
BEFORE, AFTER, PLAN, LOSS, GAIN = "#9db4c0", "#2a7f62", "#222222", "#b8433a", "#2a7f62"
_SCALES = ((10**11, "unit_bn"), (10**8, "unit_mn"), (10**5, "unit_k"), (100, "unit_one"))


def write(found: Comparison, folder: Path, language: Language) -> list[str]:
    """Write the PNG files into `folder`, made where it is missing; their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for kind, pairs in (
        ("source", found.by_source),
        ("region", found.by_region),
        ("group", found.by_group),
    ):
        files.append(_bars(pairs, folder / f"by_{kind}.png", kind, language))
    files.append(_applicants(found.applicants, folder / "by_applicant.png", language))
    return [str(file) for file in files]


def _bars(pairs: Sequence[Pair], path: Path, kind: str, language: Language) -> Path:
    """Two bars for each key, its plan as a mark over each."""
    words = WORDS[language]
    sums = [s for pair in pairs for s in (pair.before, pair.after)]
    most = max([max(s.amount_tiyn, s.planned_tiyn or 0) for s in sums], default=0)
    scale, unit = _scale(most)
    figure, axes = _figure(7.5, 1.4 + 0.55 * len(pairs))
    for place, pair in enumerate(pairs):
        for offset, s, colour in ((-0.2, pair.before, BEFORE), (0.2, pair.after, AFTER)):
            axes.barh(place + offset, s.amount_tiyn / scale, color=colour, height=0.36)
            if s.planned_tiyn is not None:
                at = s.planned_tiyn / scale
                ends = [place + offset - 0.2, place + offset + 0.2]
                axes.plot([at, at], ends, color=PLAN, linewidth=1.8)
    axes.set_yticks(range(len(pairs)), [words.get(pair.key, pair.key) for pair in pairs])
    axes.set_ylim(len(pairs) - 0.4, -0.6)
    axes.set_xlim(0, most / scale * 1.04 or 1)
    axes.set_xlabel(words[unit])
    axes.xaxis.set_major_formatter(_numbers(language))
    axes.set_title(words[f"by_{kind}"], loc="left", fontsize=11)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    _legend(figure, words, planned=any(s.planned_tiyn is not None for s in sums))
    figure.savefig(path, dpi=DPI)
    return path


def _legend(figure: Any, words: dict[str, str], *, planned: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(color=BEFORE, label=words["before"]),
        Patch(color=AFTER, label=words["after"]),
    ]
    if planned:
        handles.append(Line2D([], [], color=PLAN, linewidth=1.8, label=words["planned"]))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9, frameon=False)


def _applicants(movers: Sequence[Mover], path: Path, language: Language) -> Path:
    """A dot for each applicant: below the line it loses, above it gains."""
    words = WORDS[language]
    most = max([max(m.before_tiyn, m.after_tiyn) for m in movers], default=0)
    scale, unit = _scale(most)
    figure, axes = _figure(6, 5.4)
    end = most / scale * 1.05 or 1
    axes.plot([0, end], [0, end], color="#00000055", linewidth=1, label=words["same"])
    for colour, label, chosen in (
        (LOSS, "lose", [m for m in movers if m.after_tiyn < m.before_tiyn]),
        (GAIN, "gain", [m for m in movers if m.after_tiyn > m.before_tiyn]),
        (BEFORE, "", [m for m in movers if m.after_tiyn == m.before_tiyn]),
    ):
        across = [m.before_tiyn / scale for m in chosen]
        up = [m.after_tiyn / scale for m in chosen]
        sign = {"lose": "−", "gain": "+", "": "="}[label]
        name = f"{sign} {len(chosen):,}"
        axes.scatter(across, up, s=14, color=colour, alpha=0.7, linewidths=0, label=name)
    axes.set_xlim(0, end)
    axes.set_ylim(0, end)
    axes.set_aspect("equal")
    axes.set_xlabel(f"{words['before']}, {words[unit]}")
    axes.set_ylabel(f"{words['after']}, {words[unit]}")
    axes.xaxis.set_major_formatter(_numbers(language))
    axes.yaxis.set_major_formatter(_numbers(language))
    axes.set_title(words["by_applicant"], loc="left", fontsize=11)
    axes.legend(fontsize=9, frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=DPI)
    return path


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _numbers(language: Language) -> Callable[[float, int], str]:
    """Numbers of an axis with the decimal sign of the language."""
    point = "." if language == "en" else ","
    return lambda value, _: f"{value:g}".replace(".", point)


def _scale(most: int) -> tuple[int, str]:
    """How many tiyn one unit of the axis is, and its name."""
    return next((s for s in _SCALES if most >= s[0]), _SCALES[-1])
