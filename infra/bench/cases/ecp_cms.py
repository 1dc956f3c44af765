"""`ecp-cms`: GOST and RSA documents on every core, by the service's own pool of processes.

Documents travel to the workers and answers back; the limit is the bare verification of the same
signatures on as many cores, without any travelling.
"""

import multiprocessing
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any, ClassVar

from backend.signing.algorithm import selection
from infra.bench.documents import GOST, RSA, SIGNERS, Desk, Verifier, sign_documents
from infra.bench.harness import rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene
from infra.bench.verifying import ServicePool

CHUNK = 20  # signatures between two looks at the clock

_verifier: Verifier | None = None  # of a process of the limit


class EcpCms:
    """As many GOST documents as RSA ones; wall time counts."""

    name: ClassVar[str] = "ecp-cms"
    of: ClassVar[str] = "bare verification of the same signatures on as many cores"
    unit: ClassVar[str] = "documents"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._workers: ServicePool | None = None
        self._bare: ProcessPoolExecutor | None = None

    async def setup(self, seconds: float) -> None:
        """Sign the documents, start the service's workers and as many processes for the limit."""
        selection.settle()
        desk = sign_documents(GOST, RSA)
        self._workers = ServicePool(desk)
        await self._workers.start()
        self._bare = ProcessPoolExecutor(
            self._workers.count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_be_bare,
            initargs=(desk,),
        )
        for future in [self._bare.submit(_bare_for, 0.2) for _ in range(self._workers.count)]:
            if not future.result(timeout=120)[0]:
                raise BenchFailed("ecp-cms: a signature of ours does not hold")
        for one in desk.documents[: 2 * SIGNERS]:
            if not await self._workers.holds(one):
                raise BenchFailed("ecp-cms: a document of ours does not hold")

    async def ours(self, seconds: float) -> Measured:
        """Documents through the pool."""
        assert self._workers is not None
        return await self._workers.at_full_speed(self._workers.documents, seconds)

    async def limit(self, seconds: float) -> Measured:
        """Every process by itself."""
        assert self._bare is not None
        assert self._workers is not None
        futures = [self._bare.submit(_bare_for, seconds) for _ in range(self._workers.count)]
        rates = [done / elapsed for done, elapsed in (f.result() for f in futures)]
        return Measured(done=round(sum(rates) * seconds), elapsed_s=seconds)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Documents a second by algorithm."""
        assert self._workers is not None
        found: dict[str, Any] = {"cores": self._workers.count}
        for algorithm in (GOST, RSA):
            of_one = [d for d in self._workers.documents if d.algorithm == algorithm]
            measured = await self._workers.at_full_speed(of_one, seconds)
            found[f"{algorithm}_per_s"] = rounded(measured.rate)
        return found

    async def teardown(self) -> None:
        """End all processes."""
        if self._workers is not None:
            await self._workers.close()
        if self._bare is not None:
            self._bare.shutdown(wait=True, cancel_futures=True)
        self._workers = self._bare = None


def _be_bare(desk: Desk) -> None:
    global _verifier  # noqa: PLW0603  (what a pool's initializer is for)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    selection.settle()
    _verifier = Verifier(desk)


def _bare_for(seconds: float) -> tuple[int, float]:
    """Verify bare signatures for so long; how many held, and the time they took."""
    assert _verifier is not None
    done = 0
    began = time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds or not done:
        for _ in range(CHUNK):
            if not _verifier.bare(done):
                return 0, elapsed
            done += 1
    return done, time.perf_counter() - began
