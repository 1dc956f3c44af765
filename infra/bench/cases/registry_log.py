"""`registry-verify`: proving the operation log untouched, against copying its octets out and hashing them."""

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from backend.kernel.db import Db, open_db
from backend.registry.log import queries, stream, tree
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
HASH = 32  # octets, behind those it stands over


class RegistryVerify:
    """The whole log is read, hashed and compared, as often as fits."""

    name: ClassVar[str] = "registry-verify"
    of: ClassVar[str] = "COPY of the same bytes out, and a bare SHA-256 over each row"
    unit: ClassVar[str] = "operations"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._db: Db | None = None
        self._operations = 0
        self._write_s = self._seal_s = 0.0

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
        began = time.perf_counter()
        self._operations = await tree.seal_all(db)
        self._seal_s = time.perf_counter() - began
        await _analyze(url)

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
        """Copy, hash and compare, nothing else."""
        assert self._db is not None
        done = 0

        def hashed(rows: list[bytes]) -> None:
            nonlocal done
            for row in rows:
                if sha256(row[:-HASH]).digest() != row[-HASH:]:
                    raise BenchFailed("registry-verify: the log is broken")
            done += len(rows)

        began = time.perf_counter()
        while time.perf_counter() - began < seconds or not done:
            async with self._db.transaction() as tx:
                await stream.rows(tx, queries.OPERATIONS, hashed)
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """How long the log is, how fast it was written and given its places."""
        return {
            "operations": self._operations,
            "written_per_s": round(self._operations / self._write_s),
            "sealed_per_s": round(self._operations / self._seal_s),
        }

    async def teardown(self) -> None:
        """Close the pool; the database goes with the run."""
        if self._db is not None:
            await self._db.close()
        self._db = None


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
        await connection.execute("VACUUM ANALYZE registry.operation")
    finally:
        await connection.close()
