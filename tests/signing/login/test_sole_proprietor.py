"""A sole proprietor's number is an IIN: it opens what is his and stands nowhere openly (ADR 0008, 0010)."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.kernel import events
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.signing.login import service
from infra.sandbox.egov_mobile import EgovMobile, Refused
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing.egov_qr.conftest import offer
from tests.signing.login.conftest import CLINIC, IIN, OTHER_IIN, Issue, sign_in


class Happened(events.Event, frozen=True):
    pass


@pytest.fixture
def himself(issue: Issue) -> KeyPair:
    return issue(None, "individual")


async def bearer(http: Any, key: KeyPair) -> dict[str, str]:
    token = (await sign_in(http, key)).json()["token"]
    return {"authorization": f"Bearer {token}"}


async def stored(owner: Any) -> str:
    """Everything the wing and the house wrote down, as text; binary columns are there as hex."""
    tables = [
        row[0]
        for row in await owner.fetch(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname IN ('signing', 'kernel', 'web', 'jobs')"
        )
    ]
    rows = [
        row[0] for table in tables for row in await owner.fetch(f"SELECT t::text FROM {table} t")
    ]
    return "\n".join(rows)


async def test_his_number_stands_nowhere_openly(
    client: Any, resources: Resources, himself: KeyPair, owner: Any
) -> None:
    async with client() as http:
        headers = await bearer(http, himself)
        me = await http.get("/api/v1/login/session", headers=headers)
        assert me.json() == {"roles": ["executor_head"], "bin": IIN}  # to himself it is told
        once = {**headers, "idempotency-key": "one"}
        offered = await http.post("/api/v1/egov-qr/packages", headers=once, json=offer())
        assert offered.status_code == 201
    actor = await service.authenticate(resources, headers["authorization"].removeprefix("Bearer "))
    assert actor is not None
    assert (actor.bin, actor.sole) == (IIN, True)
    async with resources.db.signing.transaction() as tx:
        await events.append(tx, Happened(uuid4()), by=actor, at=MONDAY_MORNING)
    written = await stored(owner)
    assert "executor_head:" in written
    assert IIN not in written
    assert IIN.encode().hex() not in written


async def test_his_label_is_one_and_his_own(resources: Resources) -> None:
    def label(iin: str) -> str:
        signer = resources.keyring.lookup("iin", iin)
        roles = frozenset({Role.EXECUTOR_HEAD})
        return Actor(UUID(int=1), roles, bin=iin, signer=signer, sole=True).label

    assert label(IIN) == label(IIN) != label(OTHER_IIN)
    assert IIN not in label(IIN)
    clinic = Actor(UUID(int=1), frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC)
    assert clinic.label == f"executor_head:{CLINIC}"


async def test_his_seal_opens_his_session_alone(
    client: Any, resources: Resources, himself: KeyPair, issue: Issue, owner: Any
) -> None:
    """A seal moved to another's session does not open there: it is bound to its own."""
    other = issue(None, "individual", OTHER_IIN)  # type: ignore[call-arg]
    async with client() as http:
        mine, his = await bearer(http, himself), await bearer(http, other)
        await owner.execute(
            "UPDATE signing.session SET sole_sealed = (SELECT min(sole_sealed) FROM signing.session),"
            " closed_at = NULL"
        )
        service._recent._rows.clear()
        answers = [
            (await http.get("/api/v1/login/session", headers=headers)) for headers in (mine, his)
        ]
    assert sorted(answer.status_code for answer in answers) == [200, 401]


async def test_what_he_offers_he_alone_signs_and_watches(
    client: Any, app: Any, himself: KeyPair, issue: Issue
) -> None:
    other = issue(None, "individual", OTHER_IIN)  # type: ignore[call-arg]
    async with client() as http:
        mine, his = await bearer(http, himself), await bearer(http, other)
        offered = (await http.post("/api/v1/egov-qr/packages", headers=mine, json=offer())).json()
        watch = f"/api/v1/egov-qr/packages/{offered['package_id']}"
        assert (await http.get(watch, headers=mine)).status_code == 200
        assert (await http.get(watch, headers=his)).status_code == 404
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport) as phone:
            for stranger in (other, issue(CLINIC, "head")):
                with pytest.raises(Refused, match="403"):
                    await EgovMobile(stranger, phone, now=lambda: MONDAY_MORNING).sign_all(
                        offered["qr_text"]
                    )
            done = await EgovMobile(himself, phone, now=lambda: MONDAY_MORNING).sign_all(
                offered["qr_text"]
            )
        assert done == "success"
        assert (await http.get(watch, headers=mine)).json()["status"] == "SIGNED"
