"""The last second of a window: everybody either in with a number or told why not, nobody lost (M §8).

`.venv/bin/pytest -q -s -m prove tests/allocation/application/test_rush.py` writes docs/proofs/rush.md.
"""

import asyncio
import base64
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from backend.allocation.application import service
from backend.allocation.application.errors import WindowClosed
from backend.allocation.application.model import LineRequest, SubmitApplication
from backend.allocation.plan import service as plans
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from infra.sandbox.nca.centre import Centre
from tests.allocation.conftest import (
    PILOT_END,
    Executor,
    Publish,
    PublishedPlan,
    Sign,
    bin_of,
    register,
)
from tests.conftest import open_session

CDC, PHC, EMG = "2026-mhi-75-cdc", "2026-gvfmc-75-phc", "2026-gvfmc-75-emg"
IIN = "900101300017"
# `make prove` asks for the whole crowd.
CLINICS = int(os.environ.get("SAQTAU_RUSH_CLINICS", "24"))
FULL = 500
PAGE = Path(__file__).parents[3] / "docs/proofs/rush.md"
_REPORT = """# The last second of a window

{0} executors send two signed applications each at once (GOST signatures, HTTP, PostgreSQL), the clock passing the end of
the window on the way. Written by `tests/allocation/application/test_rush.py`, which also demands it: every request is answered,
numbers have no gaps, times follow the numbers, nobody in time is shut out, nobody late gets in, no answer is a 5xx.

| | |
|---|---|
| requests at once | {1:,} |
| in, numbered 1 to n without a gap | {2:,} |
| told WINDOW_CLOSED | {3:,} |
| lost, or answered otherwise | 0 |
| seconds, on two shared cores | {4:.1f} |
"""


class RushingClock(FixedClock):
    """Every look at the clock takes it on by a step."""

    step = timedelta(0)

    def now(self) -> datetime:
        self.advance(self.step)
        return super().now()


@pytest.fixture
def clock(clock: FixedClock) -> RushingClock:
    return RushingClock(clock.now())


async def test_the_last_second_lets_in_whoever_came_in_time(
    db_allocation: Db,
    clock: RushingClock,
    calendar: LegalCalendar,
    keyring: Keyring,
    executors: list[Executor],
    publish: Publish,
    sign: Sign,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """Requests stamped around the end, taking their turns after it: the stamp decides, not the queue."""
    plan = await publish()
    asked = [{CDC: 1}, {PHC: 2}, {EMG: 3}]
    around = [plan.accepting_until + timedelta(milliseconds=50 * n) for n in range(-5, 7)]
    clock.set(plan.accepting_until + timedelta(seconds=20))  # the queue is that long

    async def one(n: int, received_at: datetime) -> Any:
        executor, wanted = executors[n % 4], asked[n // 4]
        command = SubmitApplication(
            announcement_id=plan.announcement_id,
            lines=[LineRequest(plan.lines[code], units) for code, units in wanted.items()],
        )
        return await service.submit(
            db_allocation, clock, calendar, keyring, executor.actor, plan.announcement_id,
            sign(command, executor.actor), received_at, pilot_valid_to=PILOT_END,
        )  # fmt: skip

    done = await asyncio.gather(
        *(one(n, at) for n, at in enumerate(around)), return_exceptions=True
    )
    in_time = [at for at in around if at <= plan.accepting_until]
    taken = [d for d in done if not isinstance(d, BaseException)]
    assert [isinstance(d, WindowClosed) for d in done] == [at not in in_time for at in around]
    by_number = sorted(taken, key=lambda t: t.seq_no)
    assert [t.seq_no for t in by_number] == list(range(1, len(in_time) + 1))
    times = [t.submitted_at for t in by_number]
    assert times == sorted(times)
    assert times[-1] <= plan.accepting_until
    stored = await owner.fetchval("SELECT count(*) FROM allocation.application")
    assert stored == len(in_time)

    assert await plans.close_windows(db_allocation, clock, calendar) == 0  # the last turns
    clock.advance(plans.LAST_TURNS)
    assert await plans.close_windows(db_allocation, clock, calendar) == 1
    late = await asyncio.gather(one(11, plan.accepting_until), return_exceptions=True)
    assert isinstance(late[0], WindowClosed)


# --- over HTTP with real signatures -------------------------------------------------------------


@pytest.fixture
def centre(clock: FixedClock, tmp_path: Path) -> Centre:
    made = Centre.create(b"a rush", clock.now(), algorithms=("gost2015-512",))
    made.save(tmp_path)
    return made


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path) -> Config:
    return msgspec.structs.replace(config, trust=str(tmp_path / "trust"))


@pytest.mark.parametrize(
    "clinics",
    [CLINICS, pytest.param(FULL, marks=pytest.mark.prove)],
    ids=["sample", "500"],
)
async def test_a_crowd_in_the_last_second_is_numbered_without_gaps_and_nobody_is_lost(
    clinics: int,
    client: Any,
    resources: Resources,
    centre: Centre,
    clock: RushingClock,
    executors: list[Executor],
    publish: Publish,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """Two signed applications of every clinic at once, the clock passing the end on the way."""
    plan = await publish()
    clock.set(plan.accepting_until - timedelta(milliseconds=300))
    at = clock.now()
    bins = [bin_of(1000 + n) for n in range(clinics)]
    for bin_ in bins:
        await register(owner, bin_)
    requests = []
    for bin_ in bins:
        token = await open_session(resources, Role.EXECUTOR_HEAD, bin=bin_)
        key = centre.issue_legal(IIN, bin_, "БАСШЫ", "ЕМХАНА", "head", at)
        for code in (CDC, PHC):
            raw = msgspec.json.encode(
                {
                    "operation": "application.submit",
                    "announcement_id": str(plan.announcement_id),
                    "lines": [{"line_id": str(plan.lines[code]), "requested": 1}],
                }
            )
            body = {
                "document": base64.b64encode(raw).decode(),
                "signature": base64.b64encode(key.sign_cms(raw, at=at)).decode(),
            }
            requests.append((f"Bearer {token}", body))
    # every look at the clock is a moment: about half of the crowd comes in time
    clock.set(plan.accepting_until - timedelta(milliseconds=300))
    clock.step = timedelta(milliseconds=300) / (4 * clinics)
    began = time.perf_counter()
    answers = await _at_once(client, plan, requests)
    took = time.perf_counter() - began
    clock.step = timedelta(0)

    assert {a.status_code for a in answers} <= {201, 409}, {a.text for a in answers}
    numbers = sorted(a.json()["seq_no"] for a in answers if a.status_code == 201)
    refused = [a.json()["code"] for a in answers if a.status_code == 409]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(refused) <= {"WINDOW_CLOSED"}
    assert numbers
    assert len(numbers) + len(refused) == 2 * clinics
    rows = await owner.fetch(
        "SELECT seq_no, submitted_at FROM allocation.application ORDER BY seq_no"
    )
    assert [r["seq_no"] for r in rows] == numbers
    times = [r["submitted_at"] for r in rows]
    assert times == sorted(times)
    assert times[-1] <= plan.accepting_until
    terms = "SELECT count(*) FROM kernel.term WHERE code = 'd3'"
    assert await owner.fetchval(terms) == len(numbers)
    if clinics == FULL:
        report = _REPORT.format(clinics, 2 * clinics, len(numbers), len(refused), took)
        await asyncio.to_thread(PAGE.write_text, report, encoding="utf-8")
        print(report)  # noqa: T201


async def _at_once(
    client: Any, plan: PublishedPlan, requests: list[tuple[str, dict[str, str]]]
) -> list[httpx.Response]:
    path = f"/api/v1/announcements/{plan.announcement_id}/applications"
    async with client() as http:
        return list(
            await asyncio.gather(
                *(
                    http.post(path, json=body, headers={"Authorization": token})
                    for token, body in requests
                )
            )
        )
