"""Work that would block the event loop, or that meets hostile bytes, done in processes of its own.

A worker is a fresh interpreter (no fork: threads and foreign runtimes do not survive one) that calls
`serve`. It has neither our secrets nor our sockets, works on one request at a time, and lives as
long as its standard input: closed by us or by our death, it ends.

Frames on both pipes: one octet that says what it is, four of length, the octets.
"""

import asyncio
import contextlib
import os
import struct
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

from backend.kernel import logs
from backend.kernel.errors import Unavailable

START_TIMEOUT_S = 60.0  # an interpreter and its imports, on a machine under load
STOP_TIMEOUT_S = 5.0
ABANDONED_RETRY_S = 30
_PIECE_BYTES = 1 << 18
_HEADER = struct.Struct(">BI")
READY, STATE, WORK, ANSWER, FAILURE = range(1, 6)
# What a worker needs of our environment: how to find programs and libraries, how to read text.
_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "TZ",
)

log = logs.get("processes")


class Busy(Unavailable):
    """Every worker is at work and enough is waiting: come again in a second."""

    code = "BUSY"


class WorkAbandoned(Unavailable):
    """This work took longer than it may, or ended two workers: nothing is known of its answer."""

    code = "BUSY"


class WorkerFailed(RuntimeError):
    """A worker does not start, or met a defect of ours."""


class State(NamedTuple):
    """Octets every worker is given once, before the first request that needs them."""

    key: bytes
    octets: Callable[[], bytes]


def available_cores() -> int:
    """The cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Lost(Exception):
    """The worker went away in the middle of a request."""


class Processes:
    """`count` interpreters with these arguments; at most `waiting_max` requests wait for one."""

    def __init__(
        self,
        *arguments: str,
        count: int,
        waiting_max: int = 256,
        timeout_s: float = 10.0,
    ) -> None:
        self._workers = [_Worker(arguments) for _ in range(count)]
        self._idle = list(self._workers)
        self._free = asyncio.Semaphore(count)
        self._waiting, self._waiting_max = 0, waiting_max
        self._timeout_s = timeout_s
        self._running: set[asyncio.Task[bytes]] = set()
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that live."""
        return [worker.process.pid for worker in self._workers if worker.process and worker.lives]

    async def start(self) -> None:
        """Start every worker and wait until it is warm. Raises WorkerFailed."""
        try:
            await asyncio.gather(*(worker.start() for worker in self._workers))
        except BaseException:
            await self.close()
            raise

    async def call(self, request: bytes, state: State | None = None) -> bytes:
        """The answer of the first free worker.

        Raises Busy when too many wait, WorkAbandoned, WorkerFailed. A caller that stops waiting
        does not disturb the worker.
        """
        if self._closed:
            raise Busy(retry_after_s=1)
        if self._free.locked() and self._waiting >= self._waiting_max:
            raise Busy(retry_after_s=1)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        task = asyncio.create_task(self._on_a_worker(request, state))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let running requests end (for a few seconds), then end the workers."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_TIMEOUT_S)
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        if self._running:
            await asyncio.wait(self._running)

    async def _on_a_worker(self, request: bytes, state: State | None) -> bytes:
        worker = self._idle.pop()  # the last to come back: its caches are warm
        try:
            try:
                return await self._ask(worker, request, state)
            except _Lost:
                log.warning("worker lost")
            try:
                return await self._ask(worker, request, state)
            except _Lost:
                log.error("work ended two workers", size_bytes=len(request))
                raise WorkAbandoned(retry_after_s=ABANDONED_RETRY_S) from None
        finally:
            self._idle.append(worker)
            self._free.release()

    async def _ask(self, worker: "_Worker", request: bytes, state: State | None) -> bytes:
        if self._closed and not worker.lives:  # what was let go stays so
            raise Busy(retry_after_s=1)
        try:
            await worker.start()
            if state is not None:
                await worker.learn(state)
        except WorkerFailed as e:
            log.exception("worker does not start", exc_info=e)
            raise Busy(retry_after_s=ABANDONED_RETRY_S) from e
        except (_Lost, asyncio.CancelledError):
            await worker.kill()
            raise
        try:
            async with asyncio.timeout(self._timeout_s):
                return await worker.ask(request)
        except TimeoutError:
            await worker.kill()
            log.error("work took too long", size_bytes=len(request))
            raise WorkAbandoned(retry_after_s=ABANDONED_RETRY_S) from None
        except (_Lost, asyncio.CancelledError):
            await worker.kill()
            raise


class _Worker:
    """A place for one process; a new one takes the place of one that went."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = (sys.executable, "-P", *arguments)
        self.process: Process | None = None
        self._state_key: bytes | None = None

    @property
    def lives(self) -> bool:
        """Is there a process?"""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start a process unless one lives; it has said that it is warm."""
        if self.lives:
            return
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=environment,
            )
        except OSError as e:
            raise WorkerFailed("a worker cannot be started") from e
        self._state_key = None
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                kind, _ = await self._read()
        except (_Lost, TimeoutError):
            await self.kill()
            raise WorkerFailed("a worker does not start; its own words are on stderr") from None
        except asyncio.CancelledError:
            await self.kill()
            raise
        assert kind == READY, "a worker speaks first"

    async def learn(self, state: State) -> None:
        """Hand the state over unless the process has it. Raises _Lost, WorkerFailed."""
        if state.key == self._state_key:
            return
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._write(STATE, await asyncio.to_thread(state.octets))
                kind, said = await self._read()
        except TimeoutError:
            await self.kill()
            raise WorkerFailed("a worker does not take its state in") from None
        if kind == FAILURE:
            raise WorkerFailed(said.decode(errors="replace"))
        self._state_key = state.key

    async def ask(self, request: bytes) -> bytes:
        """One request, one answer. Raises _Lost, WorkerFailed."""
        await self._write(WORK, request)
        kind, answer = await self._read()
        if kind == FAILURE:
            raise WorkerFailed(answer.decode(errors="replace"))
        return answer

    async def stop(self) -> None:
        """Close its standard input and wait; end it when it does not listen."""
        if self.process is None or self.process.stdin is None:
            return
        self.process.stdin.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._gone()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self._gone()

    async def _gone(self) -> None:
        process = self.process
        if process is None:
            return
        assert process.stdin is not None
        await process.wait()
        process.stdin.close()
        with contextlib.suppress(OSError):
            await process.stdin.wait_closed()
        if self.process is process:
            self.process = None

    async def _write(self, kind: int, octets: bytes) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(_HEADER.pack(kind, len(octets)))
            for at in range(0, len(octets), _PIECE_BYTES):  # the loop breathes between pieces
                self.process.stdin.write(octets[at : at + _PIECE_BYTES])
                await self.process.stdin.drain()
            await self.process.stdin.drain()
        except (OSError, RuntimeError):  # RuntimeError: uvloop's word for a closed pipe
            raise _Lost from None

    async def _read(self) -> tuple[int, bytes]:
        assert self.process is not None
        assert self.process.stdout is not None
        try:
            header = await self.process.stdout.readexactly(_HEADER.size)
            kind, size = _HEADER.unpack(header)
            return kind, await self.process.stdout.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            raise _Lost from None


def serve(work: Callable[[bytes], bytes], keep: Callable[[bytes], None]) -> None:
    """A worker's life: answer requests until standard input ends.

    `keep` is given the State's octets. What `work` raises is told by its type's name alone.
    Whatever a library prints goes to standard error.
    """
    source = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as target:
        os.dup2(2, 1)
        _send(target, READY, b"")
        while (frame := _receive(source)) is not None:
            kind, octets = frame
            try:
                if kind == STATE:
                    keep(octets)
                answer = (READY, b"") if kind == STATE else (ANSWER, work(octets))
            except Exception as e:  # the worker outlives a defect; the caller is told
                answer = (FAILURE, type(e).__name__.encode())
            _send(target, *answer)


def _receive(source: BinaryIO) -> tuple[int, bytes] | None:
    header = source.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, size = _HEADER.unpack(header)
    octets = source.read(size)
    return (kind, octets) if len(octets) == size else None


def _send(target: BinaryIO, kind: int, octets: bytes) -> None:
    target.write(_HEADER.pack(kind, len(octets)))
    target.write(octets)
    target.flush()
