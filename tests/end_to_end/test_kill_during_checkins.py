"""kill -9 of the server during check-ins: every acknowledged check-in is there afterwards."""

import asyncio
import os
import signal
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from backend.app.demo.processes import Processes
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.visits.code import service as codes
from tests.conftest import open_session

pytestmark = pytest.mark.slow

PEOPLE = 300
FACILITY = UUID("01980000-0000-7000-8000-00000000f001")
CLINIC_BIN = "100140000003"


async def test_every_acknowledged_check_in_survives_a_killed_server(
    owner: "asyncpg.Connection[asyncpg.Record]",
    resources: Resources,
    processes: Processes,
    serve,
    http: httpx.AsyncClient,
) -> None:
    await a_clinic(owner)
    head = Actor(UUID(int=1), frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC_BIN)
    code = await codes.issue(
        resources.db.visits, resources.keyring, resources.clock, head, FACILITY
    )
    people = [uuid4() for _ in range(PEOPLE)]
    await citizens(owner, people)
    # the server keeps real time: its sessions must be open by it
    tokens = [await open_real_session(owner, resources, person) for person in people]
    url = await serve("first")
    acknowledged: list[str] = []

    async def check_in(token: str) -> None:
        try:
            answer = await http.post(
                f"{url}/api/v1/visits",
                json={"code": code.code},
                headers={"Authorization": f"Bearer {token}"},
            )
        except httpx.HTTPError:
            return  # the server died under it: nobody was told anything
        if answer.status_code == 201:
            acknowledged.append(answer.json()["visit_id"])
            if len(acknowledged) == PEOPLE // 3:
                os.kill(processes.pid("first"), signal.SIGKILL)

    await asyncio.gather(*(check_in(token) for token in tokens))
    assert PEOPLE // 3 <= len(acknowledged) < PEOPLE, "the server was to die in the middle"

    kept = {str(r[0]) for r in await owner.fetch("SELECT visit_id FROM visits.visit")}
    assert set(acknowledged) <= kept

    url = await serve("second")
    answers = await asyncio.gather(
        *(
            http.post(
                f"{url}/api/v1/visits",
                json={"code": code.code},
                headers={"Authorization": f"Bearer {token}"},
            )
            for token in tokens
        )
    )
    assert {a.status_code for a in answers} == {201, 409}, "those who were not heard may try again"
    assert await owner.fetchval("SELECT count(*) FROM visits.visit") == PEOPLE


async def open_real_session(
    owner: "asyncpg.Connection[asyncpg.Record]", resources: Resources, person: UUID
) -> str:
    """A citizen's session that is open by the wall clock."""
    token = await open_session(resources, Role.INSURED, person_id=person)
    await owner.execute(
        "UPDATE signing.session SET expires_at = clock_timestamp() + interval '1 hour'"
        " WHERE person_id = $1",
        person,
    )
    return token


async def citizens(owner: "asyncpg.Connection[asyncpg.Record]", people: list[UUID]) -> None:
    """People with open accounts."""
    await owner.execute(
        "INSERT INTO registry.person SELECT id, '75', '2026-04-01Z' FROM unnest($1::uuid[]) id",
        people,
    )
    await owner.execute(
        "INSERT INTO registry.account SELECT id, 'OPEN', '2026-04-01Z', '2026-04-01Z', '2026-04-01Z'"
        " FROM unnest($1::uuid[]) id",
        people,
    )


async def a_clinic(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """An executor with one production facility."""
    await owner.execute(
        """
        INSERT INTO signing.evidence (evidence_id, operation, document, document_sha256, signature,
            signer_roles, certificate_serial, algorithm, result, verified_at)
        VALUES ('01980000-0000-7000-8000-0000000000e1', 'organisation.register', 'x',
            sha256('x'), 'x', '{head}', '1', 'a', '{}', '2026-04-01Z');
        INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status, contacts,
            requisites, head, evidence_id, opened_at, changed_at)
        VALUES ('01980000-0000-7000-8000-00000000c001', '100140000003', 'EXECUTOR', 'LEGAL',
            'Емхана', 'OPEN', '{"postal_address": "a", "phone": "+77010000000", "email": "a@b.kz"}',
            '[{"iban": "KZ00", "bic": "HSBKKZKX", "bank": "b"}]', 'x',
            '01980000-0000-7000-8000-0000000000e1', '2026-04-01Z', '2026-04-01Z');
        INSERT INTO registry.facility (facility_id, organisation_id, name, region, address, latitude,
            longitude, photo_outside, photo_inside, accounting_186, design_capacity, production,
            digitised_at)
        VALUES ('01980000-0000-7000-8000-00000000f001', '01980000-0000-7000-8000-00000000c001',
            'Ғимарат', '75', 'Абай 1', 43.2, 76.9, sha256('o'), sha256('i'), '{"a": 1}', 100, true,
            '2026-04-01Z');
        """
    )
