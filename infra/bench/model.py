"""What is measured and what is told of it."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Unknown(ValueError):
    """No benchmark has this name; the text lists those there are."""


class BenchFailed(RuntimeError):
    """A measurement that is worth nothing: something answered wrongly, or could not start."""


class Measured(Struct, frozen=True, kw_only=True):
    """One side (ours, or the limit) in one round.

    `done` units of work took `elapsed_s`; latencies are milliseconds, `cpu_us` is the measured
    process's CPU time for one unit. None: not asked here.
    """

    done: int
    elapsed_s: float
    errors: int = 0
    first_error: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.done / self.elapsed_s


class Round(Struct, frozen=True):
    """Both sides, one right after the other."""

    ours: Measured
    limit: Measured

    def ratio(self, *, higher_is_better: bool) -> float:
        """Our rate to the limit's; where lower is better, our time to the limit's."""
        if higher_is_better:
            return self.ours.rate / self.limit.rate
        return self.limit.rate / self.ours.rate


class Result(Struct, frozen=True):
    """One row of the answer, as CONTRACT.md fixes it; `target` is None where none was set."""

    name: str
    ratio: float
    of: str
    target: float | None
    higher_is_better: bool
    samples: Sequence[float]
    detail: dict[str, Any]

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target
