"""The arithmetic over rounds, and what a measurement must be to count."""

import asyncio
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.bench import harness
from infra.bench.model import BenchFailed, Measured


class Scripted:
    """A benchmark whose rates are written down beforehand; the first pair is the warm-up."""

    name: ClassVar[str] = "scripted"
    of: ClassVar[str] = "nothing"
    unit: ClassVar[str] = "units"
    target: ClassVar[float | None] = 0.5
    higher_is_better = True

    def __init__(self, ours: list[int], limit: list[int], **changed: Any) -> None:
        self.queues = {"ours": [1, *ours], "limit": [1, *limit]}
        self.changed = changed
        self.order: list[str] = []

    async def setup(self, seconds: float) -> None:
        self.order.append("setup")

    async def ours(self, seconds: float) -> Measured:
        return self._next("ours")

    async def limit(self, seconds: float) -> Measured:
        return self._next("limit")

    async def detail(self, seconds: float) -> dict[str, Any]:
        return {"extra": 7}

    async def teardown(self) -> None:
        self.order.append("teardown")

    def _next(self, side: str) -> Measured:
        self.order.append(side)
        fields = {"done": self.queues[side].pop(0), "elapsed_s": 1.0}
        return Measured(**(fields | (self.changed if side == "ours" else {})))


async def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    benchmark = Scripted([10, 50, 30], [100, 100, 100])
    result = await harness.measure(benchmark, 1, rounds=3)
    assert result.samples == [0.1, 0.5, 0.3]
    assert result.ratio == 0.3
    assert result.met is False
    assert result.detail["ours_per_s"] == 30
    assert result.detail["extra"] == 7


async def test_where_lower_is_better_the_ratio_is_one_of_times() -> None:
    benchmark = Scripted([50, 50, 25], [100, 100, 100])
    benchmark.higher_is_better = False
    result = await harness.measure(benchmark, 1, rounds=3)
    assert result.samples == [2, 2, 4]
    assert result.ratio == 2


async def test_rounds_are_interleaved_and_the_first_turn_changes() -> None:
    benchmark = Scripted([1, 1], [1, 1])
    await harness.measure(benchmark, 1, rounds=2)
    assert benchmark.order == [
        "setup", "ours", "limit", "ours", "limit", "limit", "ours", "teardown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"errors": 3, "first_error": "503 Service Unavailable"}, "503 Service Unavailable"),
        ({"done": 0}, "nothing was done"),
    ],
)
async def test_wrong_answers_have_no_speed(changed: dict[str, Any], words: str) -> None:
    benchmark = Scripted([1], [1], **changed)
    with pytest.raises(BenchFailed, match=words):
        await harness.measure(benchmark, 1, rounds=1)
    assert benchmark.order[-1] == "teardown"


async def test_an_interrupted_run_still_gives_back() -> None:
    benchmark = Scripted([1], [1])

    async def for_ever(seconds: float) -> Measured:
        await asyncio.Event().wait()
        raise AssertionError

    benchmark.limit = for_ever  # type: ignore[method-assign]
    task = asyncio.create_task(harness.measure(benchmark, 1, rounds=1))
    while "ours" not in benchmark.order:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert benchmark.order[-1] == "teardown"


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_a_percentile_is_a_value_with_that_many_below(values: list[float], part: float) -> None:
    ordered = sorted(values)
    found = harness.percentile(ordered, part)
    assert found in values
    assert sum(v <= found for v in values) >= part * len(values) - 1e-9


@pytest.mark.parametrize(
    ("value", "told"), [(0.40951, 0.41), (12345.6, 12300), (0.000123456, 0.000123), (0, 0)]
)
def test_no_more_digits_than_are_known(value: float, told: float) -> None:
    assert harness.rounded(value) == told
