"""Documents verified as `saqtau serve` does: by the service's own pool of processes, from one event loop."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from backend.kernel.config import Config, Mode
from backend.kernel.processes import Processes, WorkerFailed, available_cores
from backend.signing.revocation.files import RevocationFiles
from backend.signing.verify import pool
from infra.bench.documents import Desk, Signed
from infra.bench.harness import percentile
from infra.bench.model import BenchFailed, Measured

IN_FLIGHT = 4  # documents for each worker: one verified, the others on their way or waiting
LAG_TICK_S = 0.001


class ServicePool:
    """The workers of a service in production, and one caller that keeps all of them busy."""

    def __init__(self, desk: Desk) -> None:
        self.documents = desk.documents
        self._folder = tempfile.TemporaryDirectory()
        for number, anchor in enumerate(desk.certificates):
            (Path(self._folder.name) / f"{number}.cer").write_bytes(anchor)
        self._lists, self._at = RevocationFiles(desk.crls), desk.at
        made = pool.processes_for(Config(mode=Mode.PRODUCTION))
        assert made is not None, "in production documents are verified in processes"
        self._processes: Processes = made

    @property
    def count(self) -> int:
        """How many workers there are: one for each core."""
        return available_cores()

    async def start(self) -> None:
        """Start the workers; every one has chosen its library and verified with it. Raises BenchFailed."""
        try:
            await self._processes.start()
        except WorkerFailed as e:
            raise BenchFailed(f"no worker to verify with: {e}") from e

    async def close(self) -> None:
        """End them."""
        await self._processes.close()
        self._folder.cleanup()

    async def holds(self, one: Signed) -> bool:
        """Does a document hold, as the service finds it?"""
        found = await pool.verify_cms(
            self._processes, one.cms, one.content,
            trust=self._folder.name, at=self._at, revocation=self._lists,
        )  # fmt: skip
        return found.valid

    async def at_full_speed(self, documents: Sequence[Signed], seconds: float) -> Measured:
        """Verify these by turns for so long, every worker busy."""
        numbers, done, errors = count(), 0, 0
        began = time.perf_counter()

        async def keep_verifying() -> None:
            nonlocal done, errors
            while time.perf_counter() - began < seconds:
                good = await self.holds(documents[next(numbers) % len(documents)])
                done, errors = done + good, errors + (not good)

        await asyncio.gather(*(keep_verifying() for _ in range(IN_FLIGHT * self.count)))
        return Measured(
            done=done,
            elapsed_s=time.perf_counter() - began,
            errors=errors,
            first_error="a good document was refused" if errors else "",
        )


async def loop_lag_ms(seconds: float) -> float:
    """The 99th percentile of how late a 1 ms timer fires on this event loop, in milliseconds."""
    late: list[float] = []
    until = time.perf_counter() + seconds
    while (before := time.perf_counter()) < until:
        await asyncio.sleep(LAG_TICK_S)
        late.append((time.perf_counter() - before - LAG_TICK_S) * 1e3)
    return max(percentile(sorted(late), 0.99), 1e-3)
