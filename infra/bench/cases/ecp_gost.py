"""`ecp-gost`: a signed document through backend.signing against the bare mathematics, on one core.

Ours reads a CMS, digests its content, follows the chain to a pinned anchor and asks a revocation
list; the limit is the one signature over the signed attributes, by the backend that ours uses.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, ClassVar

from backend.signing.algorithm import backend, selection
from infra.bench.documents import GOST, SIGNERS, Desk, Verifier, sign_documents
from infra.bench.harness import rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene
from infra.bench.verifying import ServicePool, loop_lag_ms


class EcpGost:
    """On one core, one after another; CPU time counts."""

    name: ClassVar[str] = "ecp-gost"
    of: ClassVar[str] = "one bare GOST verification, same backend, same core"
    unit: ClassVar[str] = "documents"
    target: ClassVar[float | None] = 0.8
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._verifier: Verifier | None = None
        self._desk: Desk | None = None

    async def setup(self, seconds: float) -> None:
        """Choose the library as a worker does; sign the documents, verify each signer's once."""
        selection.settle()
        self._desk = sign_documents(GOST)
        self._verifier = made = Verifier(self._desk)
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
        """Which library computes, and what the service's workers at full speed do to its event loop."""
        assert self._desk is not None
        workers = ServicePool(self._desk)
        try:
            await workers.start()
            await workers.at_full_speed(workers.documents, seconds / 4)
            idle = await loop_lag_ms(seconds)
            busy, verified = await asyncio.gather(
                loop_lag_ms(seconds), workers.at_full_speed(workers.documents, seconds)
            )
        finally:
            await workers.close()
        known = next(b for b in backend.backends() if GOST in b.algorithms)
        return {
            "backend": known.name,
            "loop_lag_p99_ms_idle": rounded(idle),
            "loop_lag_p99_ms_verifying": rounded(busy),
            "loop_lag_ratio": rounded(busy / idle),
            "verified_per_s_meanwhile": rounded(verified.rate),
        }

    async def teardown(self) -> None:
        """Forget the documents."""
        self._verifier = self._desk = None


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
