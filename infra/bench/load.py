"""The load generator: keep-alive connections in a process of their own, so that the server's event
loop is not its own judge. `python -m infra.bench.load` reads a Plan from standard input and writes
a Report to standard output, both MessagePack.

Closed: every connection sends its next request when the answer is there. Open (`arrivals_per_s`):
requests fall due at fixed times whether or not the server keeps up, and a latency counts from when
its request was due, so that a stall is not passed over in silence.
"""

import asyncio
import gc
import os
import resource
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from infra.bench.harness import percentile

GRACE_S = 10.0  # for the last answers
FIRST = -10  # its nice value
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: request number n is `heads[n % len(heads)] + bodies[n // len(heads) % …]`."""

    host: str
    port: int
    connections: int
    seconds: float
    heads: list[bytes]
    bodies: list[bytes] = msgspec.field(default_factory=lambda: [b""])
    first: int = 0
    expect: int = 200
    arrivals_per_s: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `next` is the number of the first request not sent."""

    done: int
    elapsed_s: float
    errors: int
    first_error: str
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_us: float
    next: int


class Generator:
    """Sends by the plan and counts."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.number = plan.first
        self.latencies: list[float] = []
        self.errors = 0
        self.first_error = ""
        self.finished = asyncio.Event()
        self.due: deque[float] = deque()
        self.idle: deque[Connection] = deque()
        self.flying = 0
        self.all_sent = False  # at a fixed rate: the last request has fallen due
        self.began = self.ended = time.perf_counter()
        self.until = self.began + plan.seconds

    def request(self) -> bytes:
        """The bytes of the next request."""
        n, heads, bodies = self.number, self.plan.heads, self.plan.bodies
        self.number += 1
        return heads[n % len(heads)] + bodies[n // len(heads) % len(bodies)]

    def answered(self, connection: "Connection", sent: float, status: int, answer: bytes) -> None:
        """One answer is complete."""
        now = time.perf_counter()
        self.ended = now
        self.flying -= 1
        if status == self.plan.expect:
            self.latencies.append(now - sent)
        else:
            self.fail(f"HTTP {status}: {answer[:300].decode('utf-8', 'replace')}")
        self.onward(connection, now)

    def onward(self, connection: "Connection", now: float) -> None:
        """What an idle connection does next."""
        if self.plan.arrivals_per_s is None:
            if now < self.until:
                self.flying += 1
                connection.send(self.request(), now)
        elif self.due:
            self.flying += 1
            connection.send(self.request(), self.due.popleft())
        else:
            self.idle.append(connection)
        if not self.flying and not self.due and (now >= self.until or self.all_sent):
            self.finished.set()

    def fail(self, why: str) -> None:
        """Count an error; the first one is told."""
        self.errors += 1
        self.first_error = self.first_error or why

    def lost(self, *, busy: bool) -> None:
        """A connection is gone: an error, and the end, since fewer would measure something else."""
        if busy or not self.finished.is_set():
            self.fail("the server closed a connection")
            self.finished.set()

    async def arrive(self) -> None:
        """Let requests fall due at the plan's rate."""
        sent = asyncio.Event()
        pace = threading.Thread(target=self._pace, args=(asyncio.get_running_loop(), sent))
        pace.start()
        await sent.wait()
        pace.join()
        self.all_sent = True
        if not self.flying and not self.due:
            self.finished.set()

    def _pace(self, loop: asyncio.AbstractEventLoop, sent: asyncio.Event) -> None:
        """In a thread, which can sleep for less than a millisecond: the loop cannot, and would spin, taking a core from
        those it measures."""
        assert self.plan.arrivals_per_s is not None
        for n in range(round(self.plan.seconds * self.plan.arrivals_per_s)):
            due_at = self.began + n / self.plan.arrivals_per_s
            time.sleep(max(0.0, due_at - time.perf_counter()))
            if self.finished.is_set():
                break
            loop.call_soon_threadsafe(self._fall_due, due_at)
        loop.call_soon_threadsafe(sent.set)

    def _fall_due(self, due_at: float) -> None:
        if self.idle:
            self.flying += 1
            self.idle.popleft().send(self.request(), due_at)
        else:
            self.due.append(due_at)

    async def run(self) -> Report:
        """Carry out the plan."""
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Connection(self), self.plan.host, self.plan.port)
            for _ in range(self.plan.connections)
        ]
        cpu = _cpu_s()
        self.began = time.perf_counter()
        self.until = self.began + self.plan.seconds
        for _, connection in made:
            self.onward(connection, self.began)
        if self.plan.arrivals_per_s is not None:
            await self.arrive()
        try:
            await asyncio.wait_for(self.finished.wait(), self.plan.seconds + GRACE_S)
        except TimeoutError:
            self.fail(f"{self.flying} answers did not come within {GRACE_S:g} s")
        self.finished.set()
        cpu = _cpu_s() - cpu
        for transport, _ in made:
            transport.abort()
        return self.report(cpu)

    def report(self, cpu_s: float) -> Report:
        """The counts as figures."""
        ordered = sorted(self.latencies) or [0.0]
        return Report(
            done=len(self.latencies),
            elapsed_s=self.ended - self.began,
            errors=self.errors,
            first_error=self.first_error,
            p50_ms=percentile(ordered, 0.5) * 1e3,
            p99_ms=percentile(ordered, 0.99) * 1e3,
            max_ms=ordered[-1] * 1e3,
            cpu_us=cpu_s * 1e6 / max(1, len(self.latencies)),
            next=self.number,
        )


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._sent = 0.0
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, since: float) -> None:
        """Send one request; its latency counts from `since`."""
        assert self._transport is not None
        self._sent, self._busy = since, True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Take the answer, whole or in parts."""
        self._buffer += data
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(_LENGTH)
        if at < 0:
            self._generator.fail("an answer without Content-Length")
            self._generator.finished.set()
            return
        length = int(head[at + len(_LENGTH) :].split(b"\r", 1)[0])
        body = end + len(_END_OF_HEAD)
        if len(self._buffer) < body + length:
            return
        answer, self._buffer, self._busy = self._buffer[body : body + length], b"", False
        self._generator.answered(self, self._sent, int(head[9:12]), answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the server went away."""
        self._generator.lost(busy=self._busy)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _stand_for_others() -> None:
    """The generator stands for phones elsewhere: what it waits for a core, or for its own garbage collector, is no
    latency of the service. Where the system does not let it go first (no root), it waits with the rest."""
    gc.disable()
    try:
        os.setpriority(os.PRIO_PROCESS, 0, FIRST)
        # it leads a session, and Linux shares the processors out among sessions
        Path("/proc/self/autogroup").write_text(str(FIRST), encoding="ascii")
    except OSError:
        pass


def main() -> None:
    """Read the plan, carry it out, write the report."""
    _stand_for_others()
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    report = uvloop.run(_carry_out(plan))
    sys.stdout.buffer.write(msgspec.msgpack.encode(report))


async def _carry_out(plan: Plan) -> Report:
    return await Generator(plan).run()


if __name__ == "__main__":
    main()
