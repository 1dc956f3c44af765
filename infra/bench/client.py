"""Drive the service: start the load generator, read what it saw and what the server spent."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from infra.bench.load import GRACE_S, Plan, Report
from infra.bench.model import BenchFailed, Measured

CONNECTIONS = 32


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """What to send, again and again; see Plan."""

    port: int
    heads: list[bytes]
    bodies: list[bytes] = msgspec.field(default_factory=lambda: [b""])
    expect: int = 200


class Driver:
    """Sends `requests` to a server process, each number once over all rounds."""

    def __init__(self, requests: Requests, server_pid: int) -> None:
        self._requests, self._pid = requests, server_pid
        self._next = 0
        self.client_cpu_us = 0.0

    async def drive(
        self,
        seconds: float,
        *,
        connections: int = CONNECTIONS,
        arrivals_per_s: float | None = None,
    ) -> Measured:
        """One run of the generator, as fast as it goes or at a fixed rate. Raises BenchFailed."""
        plan = Plan(
            host="127.0.0.1",
            port=self._requests.port,
            connections=connections,
            seconds=seconds,
            heads=self._requests.heads,
            bodies=self._requests.bodies,
            first=self._next,
            expect=self._requests.expect,
            arrivals_per_s=arrivals_per_s,
        )
        before = cpu_s(self._pid)
        report = await _generate(plan)
        after = cpu_s(self._pid)
        self._next = report.next
        self.client_cpu_us = report.cpu_us
        spent = None if before is None or after is None or not report.done else after - before
        return Measured(
            done=report.done,
            elapsed_s=report.elapsed_s,
            errors=report.errors,
            first_error=report.first_error,
            p50_ms=report.p50_ms,
            p99_ms=report.p99_ms,
            cpu_us=None if spent is None else spent * 1e6 / report.done,
        )


def cpu_s(pid: int) -> float | None:
    """CPU time a process and its children have used, in seconds; None where the system does not tell."""
    try:
        spent = _ticks(pid) + sum(_ticks(child) for child in _children(pid))
    except OSError:
        return None
    return spent / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in told.split()]


async def _generate(plan: Plan) -> Report:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await asyncio.wait_for(
            process.communicate(msgspec.msgpack.encode(plan)), plan.seconds + 2 * GRACE_S
        )
    except TimeoutError:
        raise BenchFailed("the load generator did not come to an end") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = err.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise BenchFailed(f"the load generator failed: {''.join(last)}")
    return msgspec.msgpack.decode(out, type=Report)
