"""`allocation`: the rules of domain 5.3 against a bare integer loop that gives the same units."""

import asyncio
import json
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from backend.allocation.decision import rules
from backend.allocation.decision.model import Application, BaseKind, Line, Unit
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

EXECUTORS, LINES, LINES_OF_ONE = 2_000, 200, 80  # 160,000 cells (SPEED.md)
SEED = 169
PEAK_MB_MAX = 1_000

# -score, -accreditation rank, seq_no, bin, base, requested, capacity: sorting ranks them
Row = tuple[int, int, int, int, int, int, int]
Bare = tuple[int, list[Row]]  # the plan, and its applications as they came


class Allocation:
    """Lines are decided one after another, the same lines on both sides; CPU time counts."""

    name: ClassVar[str] = "allocation"
    of: ClassVar[str] = "bare integer loop, same units (time)"
    unit: ClassVar[str] = "cells"
    target: ClassVar[float | None] = 2.0
    higher_is_better: ClassVar[bool] = False

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._cases: list[tuple[Line, list[Application]]] = []
        self._bare: list[Bare] = []

    async def setup(self, seconds: float) -> None:
        """Invent the applications, and see that both sides agree on every unit."""
        self._cases = invent()
        self._bare = [bare_input(*case) for case in self._cases]
        for case, bare in list(zip(self._cases, self._bare, strict=True))[:20]:
            require_same(case, bare)

    async def ours(self, seconds: float) -> Measured:
        """`rules.allocate` with its trace of the ladder."""
        cases = self._cases

        def one(i: int) -> int:
            line, applications = cases[i]
            return len(rules.allocate(line, applications).shares)

        return _until(seconds, one)

    async def limit(self, seconds: float) -> Measured:
        """The same arithmetic over plain lists."""
        bare = self._bare

        def one(i: int) -> int:
            return len(bare_allocate(*bare[i]))

        return _until(seconds, one)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """How much was decided, and how long all of it takes: by the rules, and by the service.

        The service reads, computes, explains and keeps every share, in a process of its own, whose peak
        of memory is told.
        """
        began = time.process_time()
        for line, applications in self._cases:
            rules.allocate(line, applications)
        return {
            "executors": EXECUTORS,
            "lines": LINES,
            "cells": sum(len(a) for _, a in self._cases),
            "whole_plan_s": round(time.process_time() - began, 3),
            **await self._through_the_service(),
        }

    async def _through_the_service(self) -> dict[str, Any]:
        url = await self._scene.database_url("allocation")
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "infra.bench.cases.allocation_service", url,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, wrong = await child.communicate()
        if child.returncode:
            last = wrong.decode(errors="replace").strip().splitlines()[-1:]
            raise BenchFailed(f"allocation: the service did not decide: {' '.join(last)}")
        found: dict[str, Any] = json.loads(told)
        if found["service_peak_mb"] > PEAK_MB_MAX:
            raise BenchFailed(f"allocation: {found['service_peak_mb']} MB at the peak")
        return found

    async def teardown(self) -> None:
        """Forget them."""
        self._cases, self._bare = [], []


def _until(seconds: float, one: Callable[[int], int]) -> Measured:
    """Decide line after line, at least one, until `seconds` are over."""
    cells, i = 0, 0
    began, until = time.process_time(), time.perf_counter() + seconds
    while True:
        cells += one(i % LINES)
        i += 1
        if time.perf_counter() >= until:
            break
    elapsed = time.process_time() - began
    return Measured(done=cells, elapsed_s=elapsed, cpu_us=elapsed * 1e6 / cells)


def invent() -> list[tuple[Line, list[Application]]]:
    """200 lines, some scarce, some ample; every executor asks on 80 of them."""
    dice = random.Random(SEED)
    bins = [f"{100000000000 + n}" for n in range(EXECUTORS)]
    scores = [dice.randrange(0, 5001) for _ in bins]
    ranks = [dice.randrange(0, 4) for _ in bins]
    asked: list[list[Application]] = [[] for _ in range(LINES)]
    for n, bin_ in enumerate(bins):
        for line in dice.sample(range(LINES), LINES_OF_ONE):
            requested = dice.randrange(1, 20_000)
            asked[line].append(
                Application(
                    id=f"{bin_}-{line}",
                    bin=bin_,
                    score_milli=scores[n],
                    base=dice.randrange(0, 20_000),
                    requested=requested,
                    capacity=dice.randrange(0, 20_000) if dice.random() < 0.5 else None,
                    accreditation_rank=ranks[n],
                    seq_no=dice.randrange(1, 1_000_000),
                )
            )
    return [
        (_line(number, applications, dice), applications)
        for number, applications in enumerate(asked)
    ]


def _line(number: int, applications: Sequence[Application], dice: random.Random) -> Line:
    wanted = sum(min(a.base or 0, a.requested) for a in applications)
    return Line(
        id=f"line-{number}",
        unit=Unit.SERVICE,
        plan=wanted * dice.randrange(30, 100) // 100,
        tariff_tiyn=dice.randrange(100_000, 50_000_000),
        base_kind=BaseKind.FACT,
    )


# --- the limit: whole numbers in tuples and lists; no names, nothing checked, nothing explained ---

MIN = (80, 70, 60, 50, 25)
MAX = (95, 85, 75, 65, 25)
GROUP_OF_SCORE = [rules.GROUPS.index(rules.group_of(score)) for score in range(5001)]


def bare_input(line: Line, applications: Sequence[Application]) -> Bare:
    """A line as plain numbers."""
    return line.plan, [
        (
            -a.score_milli,
            -a.accreditation_rank,
            a.seq_no,
            int(a.bin or 0),
            a.base or 0,
            a.requested,
            a.requested if a.capacity is None else a.capacity,
        )
        for a in applications
    ]


def bare_allocate(plan: int, rows: list[Row]) -> list[int]:
    """Units in the order of `seq_no` and bin: minimums, then a supplement group by group."""
    ranked = sorted(rows)
    groups, lows, rooms = [], [], []
    for score, _, _, _, base, requested, capacity in ranked:
        group = GROUP_OF_SCORE[-score]
        limit = requested if requested < capacity else capacity
        low = base * MIN[group] // 100
        high = base * MAX[group] // 100
        low = low if low < limit else limit
        high = high if high < limit else limit
        groups.append(group)
        lows.append(low)
        rooms.append(high - low if high > low else 0)
    left = plan - sum(lows)
    units = _split(plan, lows) if left < 0 else _climb(left, groups, lows, rooms)
    told = sorted(range(len(ranked)), key=[(r[2], r[3]) for r in ranked].__getitem__)
    return [units[i] for i in told]


def _climb(left: int, groups: list[int], lows: list[int], rooms: list[int]) -> list[int]:
    units = lows
    for group in range(5):
        start, end = bisect_left(groups, group), bisect_right(groups, group)
        room = rooms[start:end]
        headroom = sum(room)
        if not headroom:
            continue
        given = room if left >= headroom else _split(left, room)
        left -= sum(given)
        for i, more in enumerate(given, start):
            units[i] += more
    return units


def _split(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        remainders = [total * weight % whole for weight in weights]
        for i in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:left]:
            parts[i] += 1
    return parts


def require_same(case: tuple[Line, list[Application]], bare: Bare) -> None:
    """Raise BenchFailed unless the bare loop gives every application what the rules give it."""
    shares = rules.allocate(*case).shares
    if [s.allocated for s in shares] != bare_allocate(*bare):
        raise BenchFailed(f"allocation: the bare loop decides {case[0].id} otherwise")
