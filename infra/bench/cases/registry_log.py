"""`registry-verify`: proving the operation log untouched, against the bare chain of hashes in memory."""

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from backend.kernel.db import Db, open_db
from backend.registry.log import queries
from backend.registry.log import service as log
from backend.registry.log import verify as proof
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

OPERATIONS_MAX = 100_000
OPERATIONS_PER_S = 40_000  # so many at the most for each second of a side: one pass must fit
AT_ONCE = 5_000
OF_ONE = 2  # a policy is issued and credited
NAMESPACE = 0xBE << 120


class RegistryVerify:
    """The whole log is read, hashed and compared, as often as fits."""

    name: ClassVar[str] = "registry-verify"
    of: ClassVar[str] = "bare SHA-256 chain over the same bytes in memory"
    unit: ClassVar[str] = "operations"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._db: Db | None = None
        self._chain: list[tuple[bytes, bytes, bytes]] = []
        self._write_s = 0.0

    async def setup(self, seconds: float) -> None:
        """Log the operations as the registry does, and hold their bytes for the limit."""
        url = await self._scene.database_url("log")
        self._db = db = await open_db(url, "saqtau_registry", max_size=2, application="bench")
        wanted = min(OPERATIONS_MAX, max(2_000, int(seconds * OPERATIONS_PER_S)))
        began = time.perf_counter()
        for start in range(0, wanted // OF_ONE, AT_ONCE // OF_ONE):
            people = range(start, min(start + AT_ONCE // OF_ONE, wanted // OF_ONE))
            async with db.transaction() as tx:
                await log.append(tx, [_operation(n, k) for k in range(OF_ONE) for n in people])
        self._write_s = time.perf_counter() - began
        await _analyze(url)
        async with db.transaction() as tx:
            rows = await tx.connection.fetch(queries.EVERYTHING.sql)
        self._chain = [(r["previous"], r["hashed"], r["hash"]) for r in rows]

    async def ours(self, seconds: float) -> Measured:
        """`saqtau registry verify` without its start."""
        assert self._db is not None
        done = 0
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds or not done:
            found = await proof.verify(self._db)
            if not found.ok:
                return Measured(
                    done=done, elapsed_s=elapsed, errors=1, first_error=str(found.broken)
                )
            done += found.operations
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def limit(self, seconds: float) -> Measured:
        """Hash and compare, nothing else."""
        done = 0
        began = time.perf_counter()
        while time.perf_counter() - began < seconds or not done:
            for previous, hashed, kept in self._chain:
                if sha256(previous + hashed).digest() != kept:
                    raise BenchFailed("registry-verify: the chain in memory is broken")
            done += len(self._chain)
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """How long the log is, and how fast it was written."""
        written = len(self._chain) / self._write_s
        return {"operations": len(self._chain), "written_per_s": round(written)}

    async def teardown(self) -> None:
        """Close the pool; the database goes with the run."""
        if self._db is not None:
            await self._db.close()
        self._db, self._chain = None, []


def _operation(person: int, k: int) -> NewOperation:
    return NewOperation(
        subject_id=UUID(int=NAMESPACE + person),
        op_class=OpClass.POLICY,
        op_type=("ISSUE", "CREDIT")[k],
        at=datetime(2026, 4, 6, 4, 0, tzinfo=UTC),
        actor="issuer_head:061211600012",
        basis_kind=BasisKind.ORDER,
        basis_id=str(UUID(int=1)),
        content={"before": None, "after": {"policy": f"2026-{person:010}", "status": "ISSUED"}},
    )


async def _analyze(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE registry.operation; ANALYZE registry.log_head")
    finally:
        await connection.close()
