"""`ecp-cms`: GOST and RSA documents on every core, by a pool of processes.

Documents travel to the workers and answers back, as they would in a service; the limit is the bare
verification of the same signatures on as many cores, without any travelling.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any, ClassVar

from backend.signing.verify.document import verify_cms_under
from infra.bench.documents import GOST, RSA, Desk, Signed, Verifier, sign_documents
from infra.bench.harness import rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

CHUNK = 20  # documents for one trip to a worker
IN_FLIGHT = 2  # chunks for each worker: one verified, one waiting

Parcel = list[tuple[bytes, bytes]]  # CMS and content

_verifier: Verifier | None = None  # of a worker process


class EcpCms:
    """As many GOST documents as RSA ones; wall time counts."""

    name: ClassVar[str] = "ecp-cms"
    of: ClassVar[str] = "bare verification of the same signatures on as many cores"
    unit: ClassVar[str] = "documents"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._cores = os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._documents: list[Signed] = []

    async def setup(self, seconds: float) -> None:
        """Sign the documents and start the workers."""
        desk = sign_documents(GOST, RSA)
        self._documents = desk.documents
        self._pool = ProcessPoolExecutor(
            self._cores,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_be_worker,
            initargs=(desk,),
        )
        for future in [self._pool.submit(_bare_for, 0.2) for _ in range(self._cores)]:
            if not future.result(timeout=120):
                raise BenchFailed("ecp-cms: a document of ours does not hold")

    async def ours(self, seconds: float) -> Measured:
        """Documents through the pool."""
        return self._through_pool(self._documents, seconds)

    async def limit(self, seconds: float) -> Measured:
        """Every worker by itself."""
        assert self._pool is not None
        futures = [self._pool.submit(_bare_for, seconds) for _ in range(self._cores)]
        rates = [done / elapsed for done, elapsed in (f.result() for f in futures)]
        return Measured(done=round(sum(rates) * seconds), elapsed_s=seconds)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Documents a second by algorithm."""
        found: dict[str, Any] = {"cores": self._cores}
        for algorithm in (GOST, RSA):
            of_one = [d for d in self._documents if d.algorithm == algorithm]
            found[f"{algorithm}_per_s"] = rounded(self._through_pool(of_one, seconds).rate)
        return found

    async def teardown(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool, self._documents = None, []

    def _through_pool(self, documents: Sequence[Signed], seconds: float) -> Measured:
        assert self._pool is not None
        parcels: list[Parcel] = [
            [(d.cms, d.content) for d in documents[i : i + CHUNK]]
            for i in range(0, len(documents), CHUNK)
        ]
        flying: set[Future[int]] = set()
        sent = done = errors = 0
        began = time.perf_counter()
        while flying or not sent or time.perf_counter() - began < seconds:
            while len(flying) < IN_FLIGHT * self._cores and time.perf_counter() - began < seconds:
                flying.add(self._pool.submit(_verify, parcels[sent % len(parcels)]))
                sent += 1
            arrived, flying = wait(flying, return_when=FIRST_COMPLETED)
            for future in arrived:
                done += future.result()
                errors += CHUNK - future.result()
        return Measured(
            done=done,
            elapsed_s=time.perf_counter() - began,
            errors=errors,
            first_error="a good document was refused" if errors else "",
        )


def _be_worker(desk: Desk) -> None:
    global _verifier  # noqa: PLW0603  (what a pool's initializer is for)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _verifier = Verifier(desk)


def _verify(parcel: Parcel) -> int:
    """How many documents of the parcel hold."""
    assert _verifier is not None
    return sum(verify_cms_under(_verifier.policy, cms, content).valid for cms, content in parcel)


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
