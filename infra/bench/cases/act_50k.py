"""`act-50k`: an act of 50,000 cases with its signature, from the request's first byte to its report,
against a raw COPY of the same rows into a table without keys, checks or indexes.
"""

import io
import secrets
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import httpx

from backend.app.demo.processes import CouldNotStart, Processes
from backend.payments.act.model import CASES_MAX
from infra.bench import act_scene
from infra.bench.documents import GOST, RSA, SEED
from infra.bench.harness import rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene, free_port
from infra.sandbox.nca.centre import Centre

_RAW = """
    DROP TABLE IF EXISTS public.raw_case;
    CREATE TABLE public.raw_case (LIKE payments.act_case)
"""
_ROWS = """
    SELECT person_id, act_id, line_no, case_id, executor_id, service_record_id, service_code,
           line_id, units, amount_tiyn, service_date, episode, referral, worker_id, visit_id,
           grade, errors, admitted_on, notes
      FROM payments.act_case
     WHERE act_id = (SELECT act_id FROM payments.act LIMIT 1)
     ORDER BY line_no
"""
_TIMEOUT_S = 120.0


class Act50k:
    """Time for one act; every act is a new one, with other service records."""

    name: ClassVar[str] = "act-50k"
    of: ClassVar[str] = "raw COPY of the same rows"
    unit: ClassVar[str] = "acts"
    target: ClassVar[float | None] = 60
    higher_is_better: ClassVar[bool] = False

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._processes: Processes | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._http: httpx.AsyncClient | None = None
        self._owner: asyncpg.Connection[asyncpg.Record] | None = None
        self._rows = b""
        self._number = 0
        self._peaks: list[int] = []

    async def setup(self, seconds: float) -> None:
        """The clinic, a running service that trusts the sandbox's centre, and the rows to copy."""
        url, secret = await self._scene.database_url("acts"), secrets.token_urlsafe(32)
        self._clinic = await act_scene.seed(url, secret)
        now = datetime.now(UTC).replace(microsecond=0)
        self._centre = Centre.create(SEED, now, algorithms=(GOST, RSA))
        self._pairs = {
            algorithm: self._centre.issue_legal(
                "850101300005", act_scene.CLINIC_BIN, "ҮЛГІ АДАМ", "Емхана", "head", now,
                algorithm=algorithm,
            )
            for algorithm in (GOST, RSA)
        }  # fmt: skip
        self._folder = tempfile.TemporaryDirectory(prefix="saqtau-")
        folder = Path(self._folder.name)
        self._centre.save(folder / "centre")
        port = free_port()
        self._processes = Processes(folder)
        environment = {
            "SAQTAU_MODE": "test",
            "SAQTAU_TRUST": str(folder / "centre" / "trust"),
            "SAQTAU_DATABASE_URL": url,
            "SAQTAU_VALKEY_URL": self._scene.endpoints().valkey_url,
            "SAQTAU_SECRET": secret,
        }
        self._processes.start("serve", ["serve", "--port", str(port)], environment)
        address = f"http://127.0.0.1:{port}"
        try:
            await self._processes.wait_for("serve", f"{address}/health/ready")
        except CouldNotStart:
            raise BenchFailed("the service did not start") from None
        headers = {"Authorization": f"Bearer {self._clinic.token}"}
        self._http = httpx.AsyncClient(base_url=address, headers=headers, timeout=_TIMEOUT_S)
        self._owner = await asyncpg.connect(url)
        await self._present(GOST)
        out = io.BytesIO()
        await self._owner.copy_from_query(_ROWS, output=out, format="binary")
        self._rows = out.getvalue()

    async def _present(self, algorithm: str) -> Measured:
        """One new act; BenchFailed unless every line passed."""
        assert self._http is not None
        self._number += 1
        now = datetime.now(UTC).replace(microsecond=0)
        body = act_scene.signed(self._clinic.act(self._number), self._pairs[algorithm], now)
        before = self._resident(reset=True)
        began = time.perf_counter()
        answer = await self._http.post(
            "/api/v1/acts", content=body, headers={"Content-Type": "application/json"}
        )
        elapsed = time.perf_counter() - began
        self._peaks.append(self._resident(peak=True) - before)
        told = answer.json()
        if answer.status_code != 201 or told["status"] != "CHECK_PASSED":
            raise BenchFailed(f"act-50k: {answer.status_code} {str(told)[:300]}")
        return Measured(done=1, elapsed_s=elapsed)

    def _resident(self, *, peak: bool = False, reset: bool = False) -> int:
        """The service's memory now, or its highest since the last reset, in KiB."""
        assert self._processes is not None
        pid = self._processes.pid("serve")
        if reset:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        field = "VmHWM:" if peak else "VmRSS:"
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1])

    async def ours(self, seconds: float) -> Measured:
        """One act, signed with the national algorithm."""
        return await self._present(GOST)

    async def limit(self, seconds: float) -> Measured:
        """One COPY of the rows, taken apart already."""
        assert self._owner is not None
        await self._owner.execute(_RAW)
        await self._owner.execute("CHECKPOINT")
        began = time.perf_counter()
        await self._owner.copy_to_table(
            "raw_case", schema_name="public", source=io.BytesIO(self._rows), format="binary"
        )
        return Measured(done=1, elapsed_s=time.perf_counter() - began)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Seconds, memory, and the same with RSA."""
        rsa = await self._present(RSA)
        return {
            "cases": CASES_MAX,
            "copy_mb": rounded(len(self._rows) / 1e6),
            "rsa_s": rounded(rsa.elapsed_s),
            "server_memory_mb_more": rounded(max(self._peaks) / 1024),
        }

    async def teardown(self) -> None:
        """End the service."""
        if self._http is not None:
            await self._http.aclose()
        if self._owner is not None:
            await self._owner.close()
        if self._processes is not None:
            self._processes.stop()
        if self._folder is not None:
            self._folder.cleanup()
