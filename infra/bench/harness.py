"""Rounds of ours and the limit by turns, and the arithmetic over them.

The same test varies up to twofold between minutes (SPEED.md), so only what stood side by side is
compared: the ratio is the median of the rounds' ratios, and who goes first changes every round.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, ClassVar, Protocol

from infra.bench.model import BenchFailed, Measured, Result, Round

ROUNDS = 5
WARM_UP_PART = 0.25  # of a round, not counted: statements get prepared, caches filled
DIGITS = 3


class Benchmark(Protocol):
    """One thing measured. `teardown` is called whatever happened since `setup` began."""

    name: ClassVar[str]
    of: ClassVar[str]
    unit: ClassVar[str]
    target: ClassVar[float | None]
    higher_is_better: ClassVar[bool]

    async def setup(self, seconds: float) -> None:
        """Make ready; `seconds` is what one side of a round will get."""

    async def ours(self, seconds: float) -> Measured:
        """Do our work for about `seconds`."""

    async def limit(self, seconds: float) -> Measured:
        """Do the least that could be done instead, for about `seconds`."""

    async def detail(self, seconds: float) -> dict[str, Any]:
        """What else is worth telling, measured once after the rounds."""

    async def teardown(self) -> None:
        """Give back what `setup` took."""


Progress = Callable[[str], None]


async def measure(
    benchmark: Benchmark, seconds: float, *, rounds: int = ROUNDS, say: Progress = lambda _: None
) -> Result:
    """Measure one benchmark; a round lasts about `seconds`. Raises BenchFailed."""
    side_s = seconds / 2
    try:
        say("making ready")
        await benchmark.setup(side_s)
        say("warming up")
        await _round(benchmark, side_s * WARM_UP_PART, 0)
        done = []
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            done.append(await _round(benchmark, side_s, number))
        say("details")
        extra = await benchmark.detail(side_s)
    finally:
        await benchmark.teardown()
    return summarise(benchmark, done, extra, seconds)


async def _round(benchmark: Benchmark, side_s: float, number: int) -> Round:
    if number % 2:
        limit = await benchmark.limit(side_s)
        ours = await benchmark.ours(side_s)
    else:
        ours = await benchmark.ours(side_s)
        limit = await benchmark.limit(side_s)
    for side, measured in (("ours", ours), ("the limit", limit)):
        require_sound(f"{benchmark.name}, {side}", measured)
    return Round(ours, limit)


def require_sound(side: str, measured: Measured) -> None:
    """Raise BenchFailed unless work was done and nothing failed: a wrong answer has no speed."""
    if measured.errors:
        raise BenchFailed(
            f"{side}: {measured.errors} of {measured.done + measured.errors} failed; "
            f"the first: {measured.first_error}"
        )
    if not measured.done or measured.elapsed_s <= 0:
        raise BenchFailed(f"{side}: nothing was done in the time given")


def summarise(
    benchmark: Benchmark, rounds: Sequence[Round], extra: dict[str, Any], seconds: float
) -> Result:
    """The row of one benchmark from its rounds."""
    ratios = [r.ratio(higher_is_better=benchmark.higher_is_better) for r in rounds]
    ours, limit = [r.ours for r in rounds], [r.limit for r in rounds]
    figures = {
        "unit": benchmark.unit,
        "rounds": len(rounds),
        "round_s": seconds,
        "ours_per_s": _median(m.rate for m in ours),
        "limit_per_s": _median(m.rate for m in limit),
        "ours_p50_ms": _median(m.p50_ms for m in ours),
        "ours_p99_ms": _median(m.p99_ms for m in ours),
        "limit_p50_ms": _median(m.p50_ms for m in limit),
        "limit_p99_ms": _median(m.p99_ms for m in limit),
        "ours_cpu_us": _median(m.cpu_us for m in ours),
        "limit_cpu_us": _median(m.cpu_us for m in limit),
        "errors": sum(m.errors for m in (*ours, *limit)),
    }
    return Result(
        name=benchmark.name,
        ratio=rounded(median(ratios)),
        of=benchmark.of,
        target=benchmark.target,
        higher_is_better=benchmark.higher_is_better,
        samples=[rounded(r) for r in ratios],
        detail={k: v for k, v in figures.items() if v is not None} | extra,
    )


def _median(values: Any) -> float | None:
    known = [v for v in values if v is not None]
    return rounded(median(known)) if known else None


def rounded(value: float) -> float:
    """To three significant digits: more would be pretended."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if abs(short) >= 10**DIGITS else short


def percentile(ordered: Sequence[float], part: float) -> float:
    """The value below which `part` (0..1) of the sorted values lie, by nearest rank."""
    if not ordered:
        raise ValueError("no values")
    rank = min(len(ordered) - 1, max(0, round(part * len(ordered) + 0.5) - 1))
    return ordered[rank]
