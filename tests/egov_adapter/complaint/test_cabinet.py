"""Each status of a complaint lies in the eGov cabinet once and in order, whatever breaks on the way (M §53)."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.egov_adapter.complaint import cabinet, desk, service
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    Body,
    ComplaintStatus,
    ForwardComplaint,
    Kind,
    NewComplaint,
    Outcome,
    RecordDecision,
    Registered,
    Route,
)
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose, WithdrawConsents
from infra.sandbox import egov
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.egov_adapter.complaint.test_routes import MONDAY, SIGNER, by
from tests.egov_adapter.complaint.test_service import ISSUER_HEAD, TEXT
from tests.egov_adapter.conftest import AIGUL_IIN
from tests.visits.conftest import AIGUL, Owner, citizen

pytestmark = pytest.mark.usefixtures("clinics")


@pytest.fixture
def gateway() -> egov.Gateway:
    return egov.Gateway()


@pytest.fixture
async def resources(
    resources: Resources, gateway: egov.Gateway, owner: Owner, clock: FixedClock
) -> AsyncIterator[Resources]:
    """The e-government gateway in small, and Aigul with a name."""
    identity = {
        "iin": AIGUL_IIN, "surname": "Ахметова", "name": "Айгүл", "patronymic": None,
        "birth_date": "1990-01-01", "address": "Түркістан", "document_no": "N1", "phone": None,
    }  # fmt: skip
    sealed = resources.keyring.seal(json.dumps(identity).encode(), AIGUL.bytes)
    await owner.execute(
        "INSERT INTO person.identity VALUES ($1, $2, sha256('f'), '2026-04-01Z')", AIGUL, sealed
    )
    sandbox = Sandbox(Centre.create(b"cabinet", clock.now()))
    sandbox.switches["egov"] = gateway

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(egov.HANDLERS, dependencies={"sandbox": Provide(provide)}, openapi_config=None)
    clock.set(MONDAY)
    config = msgspec.structs.replace(resources.config, egov_url="http://outside.test/egov")
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        yield msgspec.structs.replace(resources, config=config, http=http)


def shown(gateway: egov.Gateway) -> list[tuple[int, str]]:
    return [(one.no, one.status) for one in gateway.complaints.get(AIGUL_IIN, {}).values()]


async def lodge(resources: Resources, route: Route = Route.K1) -> Registered:
    new = NewComplaint(Kind.ISSUER, TEXT, route=route)
    return await service.register(resources, citizen(AIGUL), new)


async def answer(
    resources: Resources, lodged: Registered, text: str = "Анықтама сол күні жіберілді."
) -> None:
    command = AnswerComplaint(lodged.complaint_id, Outcome.SATISFIED, text)
    await desk.answer(
        resources, ISSUER_HEAD, lodged.complaint_id, by(ISSUER_HEAD, command, resources)
    )


async def test_every_status_is_shown_once_in_order_and_the_answer_as_it_was_signed(
    resources: Resources, gateway: egov.Gateway
) -> None:
    lodged = await lodge(resources)
    await cabinet.tell_statuses(resources)
    await desk.read(resources, ISSUER_HEAD, lodged.complaint_id)
    await desk.read(resources, ISSUER_HEAD, lodged.complaint_id)
    await answer(resources, lodged)
    await cabinet.tell_statuses(resources)
    await cabinet.tell_statuses(resources)
    assert shown(gateway) == [(1, "REGISTERED"), (2, "IN_REVIEW"), (3, "SATISFIED")]
    assert gateway.received == 3
    first, _, last = gateway.complaints[AIGUL_IIN].values()
    assert (first.number, first.due_on, first.answer) == (
        lodged.tracking_number, "2026-06-08", None,
    )  # fmt: skip
    assert lodged.tracking_number in first.said["kk"]
    assert last.answer is not None
    document = base64.b64decode(last.answer.document)
    assert json.loads(document)["text"] == "Анықтама сол күні жіберілді."
    assert base64.b64decode(last.answer.seal) == b"cms"
    pdf = base64.b64decode(last.answer.pdf)
    assert pdf.startswith(b"%PDF-")
    assert b"answer.json.cms" in pdf


async def test_a_decision_from_above_follows_the_forwarding(
    resources: Resources, gateway: egov.Gateway
) -> None:
    lodged = await lodge(resources, Route.K2)
    _, digest = await desk.administrative_file(resources, SIGNER, lodged.complaint_id)
    forward = ForwardComplaint(lodged.complaint_id, Body.QUALITY_BODY, "05-11/7", digest)
    await desk.forward(resources, SIGNER, lodged.complaint_id, by(SIGNER, forward, resources))
    decision = RecordDecision(
        lodged.complaint_id, Outcome.PARTLY, "12/3", MONDAY.date(), "Ескерту жасалды."
    )
    signed = by(SIGNER, decision, resources)
    await desk.record_decision(resources, SIGNER, lodged.complaint_id, signed)
    await cabinet.tell_statuses(resources)
    assert shown(gateway) == [(1, "REGISTERED"), (2, "FORWARDED"), (3, "PARTLY")]


async def test_an_outage_of_hours_and_lost_answers_lose_and_double_nothing(
    resources: Resources, gateway: egov.Gateway, clock: FixedClock
) -> None:
    gateway.mood.silent = True
    lodged = [await lodge(resources) for _ in range(40)]
    for one in lodged[:20]:
        await answer(resources, one)
    for _ in range(30):  # the sweep of five hours, at its longest pause
        await cabinet.tell_statuses(resources)
        clock.advance(cabinet.LONGEST_PAUSE)
    assert (shown(gateway), gateway.received) == ([], 0)
    gateway.mood.silent = False
    gateway.mood.drop = 25  # taken, and the answer lost
    for _ in range(20):
        # Two workers at once, each of them dying somewhere on the way.
        both = [asyncio.create_task(cabinet.tell_statuses(resources)) for _ in range(2)]
        await asyncio.wait(both, timeout=0.02)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
    for _ in range(10):
        clock.advance(cabinet.LONGEST_PAUSE)
        await cabinet.tell_statuses(resources)
    told = list(gateway.complaints[AIGUL_IIN].values())
    assert len(told) == 60
    assert gateway.received > 60, "sent again, and taken once"
    for one in lodged:
        steps = [(t.no, t.status) for t in told if t.number == one.tracking_number]
        answered = one in lodged[:20]
        assert steps == [(1, "REGISTERED"), (2, "SATISFIED")][: 1 + answered]


async def test_who_withdrew_the_consent_to_egov_is_told_nothing_there(
    resources: Resources, gateway: egov.Gateway, owner: Owner
) -> None:
    lodged = await lodge(resources)
    await consents.withdraw(resources, citizen(AIGUL), WithdrawConsents([Purpose.EGOV]))
    await cabinet.tell_statuses(resources)
    assert gateway.received == 0
    row = await owner.fetchrow("SELECT outcome, try_at FROM egov.complaint_status")
    assert tuple(row or ()) == ("WITHHELD", None)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE egov.complaint_status SET status = 'DENIED'")
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("DELETE FROM egov.complaint_status")
    assert lodged.status is ComplaintStatus.REGISTERED
