"""The running service for the crash test: real processes, the stand-ins over HTTP, a clock to turn."""

import asyncio
import base64
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from backend.app.demo.processes import free_port
from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING, SECRET, open_session
from tests.payments.conftest import CLINIC_BIN, ISSUER_BIN

ROOT = Path(__file__).parents[3]
PERSON = "850101300013"
START_S, ANSWER_S = 90, 60


class Party:
    """Somebody with a session and a key."""

    def __init__(self, key: KeyPair, token: str) -> None:
        self.key = key
        self.headers = {"Authorization": f"Bearer {token}"}


class Country:
    """Two servers (one serves, one stands by), a worker, the stand-ins; any of them may be killed."""

    def __init__(
        self, owner: "asyncpg.Pool[asyncpg.Record]", folder: Path, environment: dict[str, str]
    ) -> None:
        self.owner, self.folder, self.environment = owner, folder, environment
        self.http = httpx.AsyncClient(trust_env=False, timeout=ANSWER_S)
        self.parties: dict[str, Party] = {}
        self.sandbox = ""
        self.kills: list[str] = []
        self.last = ""  # what the service said last
        self._ports: set[int] = set()
        self._serving: tuple[subprocess.Popen[bytes], str] | None = None
        self._standby: asyncio.Task[tuple[subprocess.Popen[bytes], str]] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._at = MONDAY_MORNING

    # --- processes ------------------------------------------------------------------------------

    def start(self, name: str, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "backend.app.cli", *arguments],
                env={**os.environ, **self.environment, **more},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children.append(child)
        return child

    def port(self) -> int:
        """A port of our own, below where outgoing connections get theirs."""
        return free_port(self._ports, first=8100 + (os.getpid() % 400) * 2)

    async def up(self, child: subprocess.Popen[bytes], url: str) -> None:
        async with asyncio.timeout(START_S):
            while True:
                assert child.poll() is None, f"a process ended by itself; see {self.folder}"
                with contextlib.suppress(httpx.HTTPError):
                    if (await self.http.get(url, timeout=5)).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def _server(self) -> tuple[subprocess.Popen[bytes], str]:
        port = self.port()
        child = self.start("serve", "serve", SAQTAU_PORT=str(port))
        url = f"http://127.0.0.1:{port}"
        await self.up(child, f"{url}/health/ready")
        return child, url

    async def begin(self) -> None:
        self._serving = await self._server()
        self._standby = asyncio.create_task(self._server())
        self._worker = self.start("worker", "worker")

    async def url(self) -> str:
        """Where the service answers now: the one that stood by takes over from a dead one."""
        if self._serving is None:
            assert self._standby is not None
            self._serving = await self._standby
            self._standby = asyncio.create_task(self._server())
        return self._serving[1]

    def kill(self, what: str) -> None:
        """SIGKILL to `serve`, `worker` or `both`, at once."""
        self.kills.append(what)
        if what in ("serve", "both") and self._serving is not None:
            _kill(self._serving[0])
            self._serving = None
        if what in ("worker", "both"):
            assert self._worker is not None
            _kill(self._worker)
            self._worker = self.start("worker", "worker")

    async def end(self) -> None:
        if self._standby is not None:
            self._standby.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._standby
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()
        await self.http.aclose()

    # --- the outside ----------------------------------------------------------------------------

    async def turn_clock(self, by: timedelta) -> None:
        """Let time pass for the service: nobody waits for the stated paces of asking again."""
        self._at += by
        await self.owner.execute(
            """
            INSERT INTO kernel.simulated_clock (only_row, simulated_at, set_at)
            VALUES (true, $1, $2)
            ON CONFLICT (only_row) DO UPDATE
               SET simulated_at = EXCLUDED.simulated_at, set_at = EXCLUDED.set_at
            """,
            self.now(),
            datetime.now(UTC),
        )

    async def turn_outside(self) -> None:
        """The stand-ins' clock too."""
        body = {"at": self.now().isoformat()}
        (await self.http.put(f"{self.sandbox}/control/clock", json=body)).raise_for_status()

    def now(self) -> datetime:
        return self._at + (datetime.now(UTC) - self._began)

    _began = datetime.now(UTC)

    async def control(self, path: str, **body: Any) -> None:
        (await self.http.post(f"{self.sandbox}{path}", json=body)).raise_for_status()

    # --- what parties do ------------------------------------------------------------------------

    def sign(self, who: str, document: dict[str, Any]) -> dict[str, str]:
        raw = msgspec.json.encode(document)
        return {"document": base64.b64encode(raw).decode(), "signature": self.cms(who, raw)}

    def cms(self, who: str, raw: bytes) -> str:
        return base64.b64encode(self.parties[who].key.sign_cms(raw, at=self.now())).decode()

    async def post(self, who: str, path: str, body: Any) -> httpx.Response | None:
        """The answer; None when the server died under it."""
        url = await self.url()
        try:
            answer = await self.http.post(
                f"{url}/api/v1{path}", json=body, headers=self.parties[who].headers
            )
        except httpx.HTTPError:
            return None
        self.last = f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer


def _kill(child: subprocess.Popen[bytes]) -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait()


@asynccontextmanager
async def running(world: Resources, folder: Path) -> AsyncIterator[Country]:
    """Start everything on this test's database; end it all afterwards."""
    config = world.config
    pool = await asyncpg.create_pool(config.database_url, min_size=1, max_size=4)
    country = Country(pool, folder, {})
    Country._began = datetime.now(UTC)
    port = country.port()
    country.sandbox = sandbox = f"http://127.0.0.1:{port}"
    early = MONDAY_MORNING - timedelta(days=2)
    centre = Centre.create(b"crash", early, base_url=sandbox)
    centre.save(folder / "centre")
    country.environment |= {
        "SAQTAU_MODE": "demo",
        "SAQTAU_DATABASE_URL": config.database_url,
        "SAQTAU_VALKEY_URL": config.valkey_url,
        "SAQTAU_SECRET": SECRET,
        "SAQTAU_ISSUER_BIN": ISSUER_BIN,
        "SAQTAU_LOG_LEVEL": "WARNING",
        "SAQTAU_TRUST": str(folder / "centre" / "trust"),
        "SAQTAU_CRL_URL": f"{sandbox}/nca/crl/gost.crl",
        "SAQTAU_OCSP_URL": f"{sandbox}/nca/ocsp",
        "SAQTAU_TREASURY_URL": f"{sandbox}/treasury",
        "SAQTAU_TAX_URL": f"{sandbox}/tax",
        "SAQTAU_SOURCE_TIMEOUT_S": "20",
    }
    try:
        outside = country.start(
            "sandbox", "sandbox", "--port", str(port), "--centre", str(folder / "centre")
        )
        await country.up(outside, f"{sandbox}/control/alive")
        await country.turn_clock(timedelta(0))
        await country.turn_outside()
        for who, role, bin_, kind in (
            ("clinic", Role.EXECUTOR_HEAD, CLINIC_BIN, "head"),
            ("head", Role.ISSUER_HEAD, ISSUER_BIN, "head"),
            ("finance", Role.ISSUER_FINANCE, ISSUER_BIN, "finance"),
        ):
            key = centre.issue_legal(PERSON, bin_, "СЕРІКОВА АЙГҮЛ", "Ұйым", kind, early)
            country.parties[who] = Party(key, await open_session(world, role, bin=bin_))
        await pool.execute("UPDATE signing.session SET expires_at = '2026-12-01Z'")
        await country.begin()
        yield country
    finally:
        await country.end()
        await pool.close()
