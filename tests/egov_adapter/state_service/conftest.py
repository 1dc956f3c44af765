"""The digital-documents service, the e-government gateway and the issuer's seal, as the service meets them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.egov_adapter.state_service import serving
from backend.kernel.clock import FixedClock
from backend.kernel.db import Query
from backend.kernel.resources import Resources
from infra.sandbox import digital_documents, egov, sms
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.conftest import ISSUER_BIN, MONDAY_MORNING
from tests.egov_adapter.conftest import AIGUL_IIN, AIGUL_PHONE, BOLAT_IIN, BOLAT_PHONE
from tests.visits.conftest import AIGUL, BOLAT, Owner

PASSWORD = "Қпия сөз 1"
CARD = "012345678"  # Aigul's identity card
TAKEN = Query[str](
    "DELETE FROM jobs.pgqueuer WHERE entrypoint = 'egov.serve_request'"
    " RETURNING convert_from(payload, 'UTF8')"
)


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"state service", MONDAY_MORNING - timedelta(days=60))


@pytest.fixture(scope="session")
def seal_file(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The issuer's GOST key, in a file as the centre hands it out."""
    at = MONDAY_MORNING - timedelta(days=60)
    pair = centre.issue_information_system(ISSUER_BIN, "ҚОР", "Saqtau", at)
    file = tmp_path_factory.mktemp("seal") / "issuer.p12"
    file.write_bytes(keyfile.dump(pair, PASSWORD))
    centre.save(file.parent)
    return file


@pytest.fixture
def sandbox(centre: Centre, clock: FixedClock) -> Sandbox:
    made = Sandbox(centre)
    made.set_clock(clock.now())
    made.subscribers = {AIGUL_IIN: {AIGUL_PHONE}, BOLAT_IIN: {BOLAT_PHONE}}
    for iin, number in ((AIGUL_IIN, CARD), (BOLAT_IIN, "087654321")):
        document = digital_documents.Document(iin, number, "2020-01-01", "2030-01-01")
        digital_documents.of(made).documents[iin] = document
        egov.of(made).documents[iin] = {number: True}
    return made


@pytest.fixture
async def resources(
    resources: Resources, sandbox: Sandbox, seal_file: Path, owner: Owner
) -> AsyncIterator[Resources]:
    """Everything connected; Aigul and Bolat with names."""
    for person_id, iin, name in ((AIGUL, AIGUL_IIN, "Айгүл"), (BOLAT, BOLAT_IIN, "Болат")):
        identity = {
            "iin": iin, "surname": "Ахмет", "name": name, "patronymic": None,
            "birth_date": "1990-01-01", "address": "Алматы", "document_no": "N1", "phone": None,
        }  # fmt: skip
        sealed = resources.keyring.seal(json.dumps(identity).encode(), person_id.bytes)
        await owner.execute(
            "INSERT INTO person.identity VALUES ($1, $2, sha256('f'), '2026-04-01Z')",
            person_id,
            sealed,
        )

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [*digital_documents.HANDLERS, *egov.HANDLERS, *sms.HANDLERS],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
        request_max_body_size=64 * 1024 * 1024,
    )
    config = msgspec.structs.replace(
        resources.config,
        digital_documents_url="http://outside.test/digital-documents",
        egov_url="http://outside.test/egov",
        seal_issuer=str(seal_file),
        seal_issuer_password=PASSWORD,
        trust=str(seal_file.parent / "trust"),
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        yield msgspec.structs.replace(resources, config=config, http=http)


class Outside:
    """What a test does as the citizen's phone, as the outside systems, and as the worker."""

    def __init__(self, resources: Resources, sandbox: Sandbox, clock: FixedClock) -> None:
        self.resources, self.sandbox, self.clock = resources, sandbox, clock

    def code(self, phone: str = AIGUL_PHONE) -> str:
        """The code of the last SMS."""
        text = [m["text"] for m in self.sandbox.sms if m["to"] == phone][-1]
        return re.findall(r"\d{6}", text)[0]

    async def reply(self, text: str, phone: str = AIGUL_PHONE) -> None:
        """The owner replies to the SMS."""
        answer = await self.resources.http.post(
            "http://outside.test/digital-documents/sms/replies",
            json={"from": phone, "text": text},
        )
        assert answer.status_code == 204

    def pass_time(self, by: timedelta) -> None:
        """Let `by` pass for everybody."""
        self.at(self.clock.now() + by)

    def at(self, instant: datetime) -> None:
        """Let it be that instant for everybody."""
        self.clock.set(instant)
        self.sandbox.set_clock(instant)

    async def work(self) -> int:
        """What the worker does at this instant; how many jobs that was."""
        await serving.open_due(self.resources)
        wanted = [json.loads(one) for one in await TAKEN.all(self.resources.db.registry)]
        await asyncio.gather(*(serving.serve(self.resources, one) for one in wanted))
        await serving.tell_stages(self.resources)
        return len(wanted)

    def cabinet(self, iin: str = AIGUL_IIN) -> list[Any]:
        """The documents in a person's cabinet."""
        return list(egov.of(self.sandbox).cabinets.get(iin, {}).values())

    def stages(self) -> list[str]:
        """What the monitoring system was told."""
        return [stage.stage for stage in egov.of(self.sandbox).stages.values()]


@pytest.fixture
def outside(resources: Resources, sandbox: Sandbox, clock: FixedClock) -> Outside:
    return Outside(resources, sandbox, clock)
