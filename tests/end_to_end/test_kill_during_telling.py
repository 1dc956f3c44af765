"""kill -9 of the worker while it tells the eGov cabinet: every status of every complaint there, in order, once."""

import asyncio
import json
import os
import signal
from collections import defaultdict
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.app.demo.processes import Processes
from backend.egov_adapter.complaint import desk, service
from backend.egov_adapter.complaint.model import Kind, NewComplaint
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from infra.sandbox import egov
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.conftest import ISSUER_BIN
from tests.end_to_end.test_kill_during_checkins import citizens
from tests.serving import serving
from tests.visits.conftest import citizen

pytestmark = [pytest.mark.slow, pytest.mark.prove]

PEOPLE = 60
STATUSES = ["REGISTERED", "IN_REVIEW"]
KILLS_AT = (PEOPLE // 2, PEOPLE)  # statuses the cabinet has been told, of 2 * PEOPLE


async def test_no_status_is_lost_doubled_or_out_of_order(
    owner: Any, resources: Resources, processes: Processes, environment: dict[str, str]
) -> None:
    people = [uuid4() for _ in range(PEOPLE)]
    await citizens(owner, people)
    officer = Actor(uuid4(), frozenset({Role.ISSUER_HEAD}), bin=ISSUER_BIN, signer=bytes(32))
    for n, person in enumerate(people):
        identity = {
            "iin": f"{900101300000 + n}", "surname": "Ахметова", "name": "Айгүл",
            "patronymic": None, "birth_date": "1990-01-01", "address": "А", "document_no": "N",
            "phone": None,
        }  # fmt: skip
        sealed = resources.keyring.seal(json.dumps(identity).encode(), person.bytes)
        await owner.execute(
            "INSERT INTO person.identity VALUES ($1, $2, sha256('f'), '2026-04-01Z')",
            person,
            sealed,
        )
        new = NewComplaint(Kind.ISSUER, "Справку не выдали в срок.")
        lodged = await service.register(resources, citizen(person), new)
        await desk.read(resources, officer, lodged.complaint_id)

    sandbox = Sandbox(Centre.create(b"telling", resources.clock.now()))
    gateway = egov.of(sandbox)
    gateway.mood.drop = 10  # and some answers are lost on the way

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(egov.HANDLERS, dependencies={"sandbox": Provide(provide)}, openapi_config=None)
    left = "SELECT count(*) FROM egov.complaint_status WHERE settled_at IS NULL"
    async with serving(app) as server:
        with_egov = {**environment, "SAQTAU_EGOV_URL": f"{server.url}/egov"}
        async with asyncio.timeout(300):
            for n, told in enumerate(KILLS_AT):
                processes.start(f"worker-{n}", ["worker"], with_egov)
                while gateway.received < told:
                    await asyncio.sleep(0.001)
                os.kill(processes.pid(f"worker-{n}"), signal.SIGKILL)
            # What was put off while answers were lost is due at once: nobody waits here for minutes.
            await owner.execute(
                "UPDATE egov.complaint_status SET try_at = at WHERE settled_at IS NULL"
            )
            processes.start("worker-last", ["worker"], with_egov)
            while await owner.fetchval(left):
                await asyncio.sleep(0.05)

    assert gateway.received > 2 * PEOPLE, "some were told again"
    found = defaultdict(list)
    for told_one in (one for cabinet in gateway.complaints.values() for one in cabinet.values()):
        found[told_one.number].append((told_one.no, told_one.status))
    assert len(found) == PEOPLE
    assert set(map(tuple, found.values())) == {tuple(enumerate(STATUSES, start=1))}
    assert msgspec.to_builtins(gateway.mood)["drop"] == 0
