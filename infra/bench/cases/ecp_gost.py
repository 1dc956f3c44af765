"""`ecp-gost`: a signed document through backend.signing against the bare mathematics, on one core.

Ours reads a CMS, digests its content, follows the chain to a pinned anchor and asks a revocation
list; the limit is the one signature over the signed attributes, by the backend that ours uses.
"""

import asyncio
import time
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

from backend.signing.algorithm import backend
from infra.bench.documents import GOST, SIGNERS, Verifier, sign_documents
from infra.bench.harness import percentile, rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

LAG_TICK_S = 0.001
LAG_THREADS = 4


class EcpGost:
    """On one core, one after another; CPU time counts."""

    name: ClassVar[str] = "ecp-gost"
    of: ClassVar[str] = "one bare GOST verification, same backend, same core"
    unit: ClassVar[str] = "documents"
    target: ClassVar[float | None] = 0.8
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._verifier: Verifier | None = None

    async def setup(self, seconds: float) -> None:
        """Sign the documents; every one is verified once, so that parsed certificates are known."""
        self._verifier = made = Verifier(sign_documents(GOST))
        for i in range(SIGNERS):
            if not (made.through_service(i) and made.bare(i)):
                raise BenchFailed("ecp-gost: a document of ours does not hold")

    async def ours(self, seconds: float) -> Measured:
        """CMS, content, chain, revocation."""
        assert self._verifier is not None
        return _until(seconds, self._verifier.through_service)

    async def limit(self, seconds: float) -> Measured:
        """The signature alone."""
        assert self._verifier is not None
        return _until(seconds, self._verifier.bare)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Which library computes, and what verifying does to the event loop beside it."""
        assert self._verifier is not None
        idle = await loop_lag_ms(seconds, None)
        busy = await loop_lag_ms(seconds, self._verifier.through_service)
        known = next(b for b in backend.backends() if GOST in b.algorithms)
        return {
            "backend": known.name,
            "loop_lag_p99_ms_idle": rounded(idle),
            "loop_lag_p99_ms_verifying": rounded(busy),
            "loop_lag_ratio": rounded(busy / idle),
        }

    async def teardown(self) -> None:
        """Forget the documents."""
        self._verifier = None


def _until(seconds: float, verify: Callable[[int], bool]) -> Measured:
    done = errors = 0
    began, until = time.process_time(), time.perf_counter() + seconds
    while time.perf_counter() < until:
        if verify(done):
            done += 1
        else:
            errors += 1
            break
    elapsed = time.process_time() - began
    return Measured(
        done=done, elapsed_s=elapsed, errors=errors, cpu_us=elapsed * 1e6 / max(done, 1),
        first_error="a good signature was refused" if errors else "",
    )  # fmt: skip


async def loop_lag_ms(seconds: float, verify: Callable[[int], bool] | None) -> float:
    """The 99th percentile of how late a 1 ms timer fires, in ms, while threads verify (or not)."""
    late: list[float] = []
    stop = False
    numbers = count()

    async def keep_verifying(work: Callable[[int], bool]) -> None:
        while not stop:
            await asyncio.to_thread(work, next(numbers))

    tasks = []
    if verify is not None:
        tasks = [asyncio.create_task(keep_verifying(verify)) for _ in range(LAG_THREADS)]
    try:
        until = time.perf_counter() + seconds
        while (before := time.perf_counter()) < until:
            await asyncio.sleep(LAG_TICK_S)
            late.append((time.perf_counter() - before - LAG_TICK_S) * 1e3)
    finally:
        stop = True
        await asyncio.gather(*tasks)
    return max(percentile(sorted(late), 0.99), 1e-3)
