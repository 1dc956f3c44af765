"""The scene of the wing, with the tax body and E-licensing as stand-ins, and many more clinics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox import permits, tax
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.payments.conftest import CLINIC, CLINIC_BIN, CONTRACT, FACILITY, Owner

URL = "http://sources.test"
ADDRESS = "Астана қ., Абай даңғ., 10"
ANNEX = {
    "number": "001", "address": ADDRESS, "sub_kinds": ["терапия"], "status": "VALID",
    "issued_on": "2020-01-10",
}  # fmt: skip


def licence(*annexes: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A medical licence with these annexes."""
    return {
        "number": "17001234", "activity": "MEDICAL", "status": "VALID",
        "issued_on": "2020-01-10", "annexes": list(annexes), **changed,
    }  # fmt: skip


def clinic(number: int) -> UUID:
    """The n-th further clinic."""
    return UUID(int=CLINIC.int + 0x1000 + number)


def clinic_bin(number: int) -> str:
    """Its BIN."""
    return f"2001400{number:05}"


@pytest.fixture(scope="session")
def centre() -> Centre:
    at = datetime.fromisoformat("2026-04-06T04:00:00+00:00")
    return Centre.create(b"detection test", at, algorithms=("rsa-sha256",))


@pytest.fixture
def sandbox(centre: Centre, clock: FixedClock) -> Sandbox:
    """The stand-ins' memory; their clock is the test's."""

    class Still(Sandbox):
        def now(self) -> datetime:
            return clock.now()

    return Still(centre)


@pytest.fixture
async def asking(world: Resources, sandbox: Sandbox) -> AsyncIterator[Resources]:
    """The scene, as a process that reaches the stand-ins."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [permits.router(), Router("/tax", route_handlers=tax.HANDLERS)],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    config = msgspec.structs.replace(
        world.config, permits_url=f"{URL}/permits", tax_url=f"{URL}/tax"
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        yield msgspec.structs.replace(world, config=config, http=http)


@pytest.fixture
async def facility(world: Resources, owner: Owner) -> UUID:
    """The clinic's facility, where people came on the day of the scene."""
    await owner.execute(
        """
        INSERT INTO registry.facility (facility_id, organisation_id, name, region, address, latitude,
            longitude, photo_outside, photo_inside, accounting_186, design_capacity, production,
            digitised_at)
        VALUES ($1, $2, 'Негізгі', 'Астана', $3, 51, 71, sha256('a'), sha256('b'), '{}', 9, true,
            '2026-03-06T00:00:00Z')
        """,
        FACILITY,
        CLINIC,
        ADDRESS,
    )
    return FACILITY


@pytest.fixture
def more_clinics(world: Resources, owner: Owner) -> Callable[[int], Awaitable[None]]:
    """Adds so many clinics, each with a contract of its own."""

    async def add(count: int) -> None:
        await owner.execute("SET session_replication_role = replica")
        numbers = list(range(count))
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            SELECT id, bin, kind, form, name || bin, o.status, contacts, requisites, head, id,
                   opened_at, changed_at
              FROM unnest($1::uuid[], $2::text[]) AS new (id, bin)
              CROSS JOIN (SELECT kind, form, name, status, contacts, requisites, head, opened_at,
                                 changed_at
                            FROM registry.organisation WHERE bin = $3) o
            """,
            [clinic(n) for n in numbers],
            [clinic_bin(n) for n in numbers],
            CLINIC_BIN,
        )
        await owner.execute(
            """
            INSERT INTO allocation.contract (contract_id, number, decision_id, application_id,
                executor_id, source, seq_no, status, content, content_sha256, amount_tiyn,
                valid_from, valid_to, formed_at, issuer_evidence_id, issuer_signed_at,
                executor_evidence_id, executor_signed_at)
            SELECT new.id, '2026-MHI-' || lpad((100 + new.no)::text, 6, '0'), new.id, new.id,
                   new.id, source, seq_no, status, content, content_sha256, amount_tiyn,
                   valid_from, valid_to, formed_at, new.id, issuer_signed_at, new.id,
                   executor_signed_at
              FROM unnest($1::uuid[]) WITH ORDINALITY AS new (id, no)
              CROSS JOIN allocation.contract WHERE contract_id = $2
            """,
            [clinic(n) for n in numbers],
            CONTRACT,
        )
        await owner.execute("SET session_replication_role = origin")

    return add
