"""Workers outside the event loop: bounded, replaced when lost, gone when their parent is."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop

from backend.kernel.errors import Unavailable
from backend.kernel.processes import Busy, Processes, State, WorkAbandoned, WorkerFailed

WORKER = """
import os, signal, sys, time
from backend.kernel import processes

kept = b"nothing"
def keep(octets):
    global kept
    if octets == b"bad": raise ValueError
    kept = octets + b" %d" % os.getpid()
def work(request):
    if request == b"die": os.kill(os.getpid(), signal.SIGKILL)
    if request == b"hang": time.sleep(60)
    if request == b"defect": raise KeyError("900101300017")
    if request == b"kept": return kept
    if request == b"pid": return b"%d" % os.getpid()
    if request == b"env": return "\\n".join(os.environ).encode()
    if request == b"print": print("noise"); os.write(1, b"more noise"); return b"quiet"
    if request.startswith(b"slow"): time.sleep(0.05)
    return request[::-1]
processes.serve(work, keep)
"""

Pool = Callable[..., Awaitable[Processes]]


@pytest.fixture
def script(tmp_path: Path) -> str:
    file = tmp_path / "worker.py"
    file.write_text(WORKER)
    return str(file)


@pytest.fixture
async def pool(script: str) -> AsyncIterator[Pool]:
    opened: list[Processes] = []

    async def open_pool(count: int = 1, **limits: object) -> Processes:
        made = Processes(script, count=count, **limits)  # type: ignore[arg-type]
        opened.append(made)
        await made.start()
        return made

    yield open_pool
    for made in opened:
        await made.close()


def lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.01)


async def test_every_request_gets_its_own_answer(pool: Pool) -> None:
    workers = await pool(2)
    asked = [b"%d" % n * 50 for n in range(100)]
    assert await asyncio.gather(*map(workers.call, asked)) == [a[::-1] for a in asked]
    large = os.urandom(5_000_000)
    assert await workers.call(large) == large[::-1]
    assert await workers.call(b"") == b""
    assert await workers.call(b"print") == b"quiet"


async def test_state_travels_once_to_each_worker_and_again_when_it_changes(pool: Pool) -> None:
    workers = await pool()
    sent: list[int] = []

    def state(number: int) -> State:
        return State(b"%d" % number, lambda: sent.append(number) or b"list %d" % number)

    for number in (1, 1, 2, 2, 2):
        assert (await workers.call(b"kept", state(number))).startswith(b"list %d " % number)
    assert sent == [1, 2]
    os.kill(workers.pids[0], signal.SIGKILL)
    assert (await workers.call(b"kept", state(2))).startswith(b"list 2 ")
    assert sent == [1, 2, 2]


async def test_a_large_state_leaves_the_event_loop_free(pool: Pool) -> None:
    workers = await pool(2, timeout_s=5)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    large = State(b"large", lambda: b"x" * 40_000_000)
    assert await asyncio.gather(*(workers.call(b"ab", large) for _ in range(4))) == [b"ba"] * 4
    ticking.cancel()
    assert ticks > 10


async def test_a_state_that_cannot_be_taken_in_is_refused(pool: Pool) -> None:
    workers = await pool()
    with pytest.raises(Busy):
        await workers.call(b"ab", State(b"bad", lambda: b"bad"))
    assert await workers.call(b"ab") == b"ba"


async def test_too_many_are_told_to_come_again(pool: Pool) -> None:
    workers = await pool(1, waiting_max=3)
    outcomes = await asyncio.gather(
        *(workers.call(b"slow %d" % n) for n in range(20)), return_exceptions=True
    )
    refused = [o for o in outcomes if isinstance(o, Busy)]
    assert len(refused) == 20 - 1 - 3
    assert isinstance(refused[0], Unavailable)
    assert refused[0].retry_after_s == 1
    assert await workers.call(b"ab") == b"ba"


async def test_a_killed_worker_is_replaced_and_its_work_done(pool: Pool) -> None:
    workers = await pool(2)
    before = workers.pids
    slow = [asyncio.create_task(workers.call(b"slow %d" % n)) for n in range(6)]
    await asyncio.sleep(0)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert await asyncio.gather(*slow) == [(b"slow %d" % n)[::-1] for n in range(6)]
    assert len(workers.pids) == 2
    assert not set(workers.pids) & set(before)


async def test_work_that_ends_every_worker_is_given_up(pool: Pool) -> None:
    workers = await pool()
    with pytest.raises(WorkAbandoned) as refusal:
        await workers.call(b"die")
    assert refusal.value.retry_after_s
    assert await workers.call(b"ab") == b"ba"


async def test_work_that_never_ends_is_ended(pool: Pool) -> None:
    workers = await pool(timeout_s=0.3)
    (pid,) = workers.pids
    with pytest.raises(WorkAbandoned):
        await workers.call(b"hang")
    assert not lives(pid)
    assert await workers.call(b"ab") == b"ba"


async def test_a_defect_tells_its_kind_and_nothing_of_the_document(pool: Pool) -> None:
    workers = await pool()
    with pytest.raises(WorkerFailed) as error:
        await workers.call(b"defect")
    assert str(error.value) == "KeyError"
    assert await workers.call(b"ab") == b"ba"


async def test_who_stops_waiting_leaves_the_pool_whole(pool: Pool) -> None:
    workers = await pool(1, waiting_max=2)
    for _ in range(5):
        tasks = [asyncio.create_task(workers.call(b"slow")) for _ in range(3)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await workers.call(b"kept") == b"nothing"


async def test_a_worker_is_given_no_secret(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAQTAU_SECRET", "s" * 40)
    monkeypatch.setenv("SAQTAU_DATABASE_URL", "postgresql://")
    names = (await (await pool()).call(b"env")).decode().split("\n")
    assert "PATH" in names
    assert not [name for name in names if name.startswith("SAQTAU")]


async def test_closing_ends_the_processes_and_refuses_more(pool: Pool) -> None:
    workers = await pool(2)
    pids = workers.pids
    last = asyncio.create_task(workers.call(b"slow last"))
    await asyncio.sleep(0)
    await workers.close()
    assert await last == b"slow last"[::-1]
    assert not any(map(lives, pids))
    with pytest.raises(Busy):
        await workers.call(b"ab")


async def test_what_cannot_start_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    with pytest.raises(WorkerFailed):
        await Processes(str(broken), count=2).start()


def test_workers_go_when_their_parent_is_killed(script: str) -> None:
    code = f"""
    import asyncio
    from backend.kernel.processes import Processes
    async def main():
        workers = Processes({script!r}, count=2)
        await workers.start()
        print(*workers.pids, flush=True)
        await workers.call(b"hang")
    asyncio.run(main())
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    idle = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    asyncio.run(until(lambda: not lives(idle)))


def test_the_same_under_uvloop(script: str) -> None:
    async def main() -> None:
        workers = Processes(script, count=2, timeout_s=5)
        await workers.start()
        os.kill(workers.pids[0], signal.SIGKILL)
        asked = [b"%d" % n * 30_000 for n in range(20)]
        assert await asyncio.gather(*map(workers.call, asked)) == [a[::-1] for a in asked]
        with pytest.raises(WorkAbandoned):
            await workers.call(b"die")
        await workers.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
