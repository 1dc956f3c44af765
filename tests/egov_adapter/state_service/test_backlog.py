"""A night's requests, served from 08:30 within fifteen minutes each (issue 7; M §50, App.2 row 7).

`.venv/bin/pytest -q -s -m prove tests/egov_adapter/state_service/test_backlog.py` writes docs/proofs/state-service.md.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.app import worker
from backend.egov_adapter.state_service import service, serving
from backend.kernel import jobs
from backend.kernel.actor import Actor, Role
from backend.kernel.ids import check_digit
from backend.kernel.resources import Resources
from infra.sandbox import digital_documents, egov
from infra.sandbox.state import Sandbox
from tests import serving as sockets
from tests.visits.conftest import Owner

NIGHT = datetime(2026, 4, 15, 16, 0, tzinfo=UTC)  # 21:00
OPENING = datetime(2026, 4, 16, 3, 30, tzinfo=UTC)  # 08:30
PAYMENTS = 12  # of each
REPORT = Path(__file__).parents[3] / "docs/proofs/state-service.md"


class PacedClock:
    """Stands still until it is let run; then goes as fast as real time."""

    def __init__(self, at: datetime) -> None:
        self._at, self._since = at, 0.0

    def run_from(self, at: datetime) -> None:
        self._at, self._since = at, time.monotonic()

    def now(self) -> datetime:
        passed = time.monotonic() - self._since if self._since else 0.0
        return self._at + timedelta(seconds=passed)


@pytest.fixture
async def connected(resources: Resources, sandbox: Sandbox) -> AsyncIterator[Resources]:
    """The stand-ins on a real port."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [*digital_documents.HANDLERS, *egov.HANDLERS],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
        request_max_body_size=64 * 1024 * 1024,
    )
    async with (
        sockets.serving(app) as server,
        httpx.AsyncClient(timeout=30, trust_env=False) as http,
    ):
        config = msgspec.structs.replace(
            resources.config,
            digital_documents_url=f"{server.url}/digital-documents",
            egov_url=f"{server.url}/egov",
        )
        yield msgspec.structs.replace(resources, config=config, http=http, clock=PacedClock(NIGHT))


def iins(count: int) -> list[str]:
    found: list[str] = []
    n = 0
    while len(found) < count:
        eleven = f"8{n // 28 // 12 % 10}{n // 28 % 12 + 1:02}{n % 28 + 1:02}3{n // 3360:04}"
        digit = check_digit(eleven)
        if digit is not None:
            found.append(f"{eleven}{digit}")
        n += 1
    return found


async def people(owner: Owner, resources: Resources, sandbox: Sandbox, count: int) -> list[UUID]:
    """So many insured with twelve payments each; everybody consented in the evening."""
    found = []
    ring = resources.keyring
    for iin in iins(count):
        person_id, consent_id = uuid4(), uuid4()
        identity = {
            "iin": iin, "surname": "Сапар", "name": "Адам", "patronymic": None, "birth_date": "1980-01-01",
            "address": "Алматы", "document_no": "N1", "phone": None,
        }  # fmt: skip
        sealed = ring.seal(msgspec.json.encode(identity), person_id.bytes)
        found.append((person_id, consent_id, iin, sealed))
        digital_documents.of(sandbox).documents[iin] = digital_documents.Document(
            iin, f"N{iin}", "2020-01-01", "2030-01-01"
        )
        digital_documents.of(sandbox).consents[str(consent_id)] = digital_documents.Consent(
            iin, "123456", (), NIGHT + timedelta(minutes=3), state="CONSENTED"
        )
        egov.of(sandbox).documents[iin] = {f"N{iin}": True}
    at = NIGHT - timedelta(days=30)
    await owner.copy_records_to_table(
        "person", schema_name="registry", records=[(p, "75", at) for p, *_ in found]
    )
    await owner.copy_records_to_table(
        "identity", schema_name="person", records=[(p, s, b"f" * 32, at) for p, _, _, s in found]
    )
    await owner.copy_records_to_table(
        "service_consent",
        schema_name="egov",
        records=[(c, p, NIGHT, NIGHT + timedelta(minutes=3)) for p, c, *_ in found],
    )
    await owner.execute("SET session_replication_role = replica")
    await owner.copy_records_to_table(
        "contribution",
        schema_name="registry",
        columns=[
            "person_id", "contribution_id", "paid_on", "period", "kind", "amount_tiyn", "payer_bin", "source_ref",
        ],
        records=[
            (p, uuid4(), date(2025, m, 20), f"2025-{m:02}", "deduction", 1020000, "100140000003", f"{p}{m}")
            for p, *_ in found
            for m in range(1, PAYMENTS + 1)
        ],
    )  # fmt: skip
    await owner.execute("SET session_replication_role = origin")
    return [consent for _, consent, *_ in found]


async def serve_the_night(
    connected: Resources, owner: Owner, sandbox: Sandbox, count: int
) -> dict[str, Any]:
    """Queue `count` requests at night and let one worker run from the opening; the figures."""
    clock = connected.clock
    assert isinstance(clock, PacedClock)
    await people(owner, connected, sandbox, count)
    rows = await owner.fetch("SELECT person_id, consent_id FROM egov.service_consent")
    gate = asyncio.Semaphore(6)

    async def ask(person_id: UUID, consent_id: UUID) -> None:
        actor = Actor(uuid4(), frozenset({Role.INSURED}), person_id=person_id)
        async with gate:
            await service.ask(connected, actor, person_id, "kk", service.AskService(consent_id))

    await asyncio.gather(*(ask(row[0], row[1]) for row in rows))
    clock.run_from(OPENING)
    queue = jobs.worker(
        connected.db.registry,
        {"egov.serve_request": worker.handlers(connected)["egov.serve_request"]},
        lambda name, attempts, error: None,
    )
    stop = asyncio.Event()
    sweeping = asyncio.create_task(worker.sweep_for_ever(connected, stop))
    working = asyncio.create_task(jobs.work(queue))
    left = count
    while left:
        await asyncio.sleep(0.25)
        left = await owner.fetchval(
            "SELECT count(*) FROM egov.service_request WHERE finished_at IS NULL"
        )
        assert clock.now() < OPENING + timedelta(hours=1), f"{left} left after an hour"
    stop.set()
    queue.shutdown.set()
    await asyncio.gather(sweeping, working)
    await serving.tell_stages(connected)  # what the last sweep had not heard of
    return dict(
        await owner.fetchrow(
            """
            SELECT count(*) AS requests, count(*) FILTER (WHERE finished_at > due_at) AS late,
                   count(*) FILTER (WHERE status = 'DELIVERED') AS delivered,
                   min(accepted_at) AS accepted,
                   extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY finished_at - accepted_at)) AS median_s,
                   extract(epoch FROM max(finished_at - accepted_at)) AS slowest_s
              FROM egov.service_request
            """
        )
    )


async def test_a_night_is_served_at_the_opening(
    connected: Resources, owner: Owner, sandbox: Sandbox
) -> None:
    found = await served(connected, owner, sandbox, 40)
    assert (found["delivered"], found["late"]) == (40, 0)


@pytest.mark.prove
async def test_ten_thousand_are_served_within_fifteen_minutes_each(
    connected: Resources, owner: Owner, sandbox: Sandbox
) -> None:
    found = await served(connected, owner, sandbox, 10_000)
    assert (found["delivered"], found["late"]) == (10_000, 0)
    REPORT.write_text(
        "# The state service: a night's backlog\n\n"
        "`tests/egov_adapter/state_service/test_backlog.py`: requests made at 21:00, served by one worker from 08:30;\n"
        "each takes the identity document, asks the register, forms and seals Appendix 3 with twelve payments, prints it\n"
        "and puts it into the cabinet, over HTTP. The law gives fifteen minutes (M §50).\n\n"
        "| requests | delivered | late | median | slowest | a second |\n|---|---|---|---|---|---|\n"
        f"| {found['requests']:,} | {found['delivered']:,} | {found['late']} | {found['median_s']:.0f} s "
        f"| {found['slowest_s']:.0f} s | {found['requests'] / float(found['slowest_s']):.0f} |\n"
    )


async def served(
    connected: Resources, owner: Owner, sandbox: Sandbox, count: int
) -> dict[str, Any]:
    """The figures of a night; each result lies in its cabinet once, and was told once."""
    found = await serve_the_night(connected, owner, sandbox, count)
    assert (found["requests"], found["accepted"]) == (count, OPENING)
    assert sum(map(len, egov.of(sandbox).cabinets.values())) == count
    told = [stage.request_id for stage in egov.of(sandbox).stages.values() if stage.stage == "DELIVERED"]  # fmt: skip
    assert len(told) == len(set(told)) == count
    return found
