"""The registrar by hand: grounds put on and lifted one by one, closing, and corrections that name what they reverse."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account.model import AccountStatus, Organisation
from backend.registry.log import service as log
from backend.registry.log.model import Operation
from backend.registry.order import service as orders
from backend.registry.order.model import IssuePolicies
from backend.registry.policy import service as policies
from backend.registry.restriction.service import lapse
from tests.registry.access_record.noted import noted
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    OTHER_BIN,
    Insure,
    Register,
    actor,
    iin_of,
    signed,
)

ASAN = iin_of(11)
BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
B3 = {"bin": CLINIC_BIN, "ground": "B3", "article_98": "ескерілді", "basis": BASIS}


class Settled:
    """Nothing is open, but for those named."""

    def __init__(self, *unsettled: UUID) -> None:
        self.named = set(unsettled)

    async def unsettled(self, subjects: Sequence[UUID]) -> set[UUID]:
        return self.named & set(subjects)


async def post(http: Any, step: str, **command: Any) -> tuple[int, Any]:
    answer = await http.post(f"/api/v1/accounts/{step}", json={"basis": BASIS, **command})
    body = answer.json()
    return answer.status_code, body.get("status") if answer.is_success else body["code"]


async def operations(resources: Resources, subject_id: UUID) -> list[tuple[Operation, Any]]:
    found = await log.of_subject(resources.db.registry, subject_id)
    return [(o, msgspec.json.decode(o.content)) for o in found]


async def test_only_the_registrar_blocks_and_unblocks_a_clinic(
    client: Any, resources: Resources, clinic: Organisation
) -> None:
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        assert (await http.post("/api/v1/accounts/block", json=B3)).status_code == 403
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        blocked = await http.post("/api/v1/accounts/block", json=B3)
        assert blocked.json() == {"subject_id": str(clinic.organisation_id), "status": "BLOCKED"}
        assert await post(http, "block", **B3) == (409, "ACCOUNT_STATUS_WRONG")
        async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as clinic_http:
            silent = await clinic_http.put(
                "/api/v1/organisations/me/readiness", json={"mis_code": "x"}
            )
            assert (silent.status_code, silent.json()["code"]) == (409, "ACCOUNT_BLOCKED")
            (why,) = (await clinic_http.get("/api/v1/organisations/me/restrictions")).json()
            assert (why["ground"], why["fact"]) == ("B3", None)
        assert await post(http, "unblock", bin=CLINIC_BIN) == (200, "OPEN")
        for changed, code in (
            ({"ground": "B1", "article_98": None, "fact": "DEATH"}, "GROUND_NOT_APPLICABLE"),
            ({"fact": "LIQUIDATION"}, "FACT_WRONG"),
            ({"article_98": None}, "ARTICLE_98_MISSING"),
            ({"bin": None}, "WHOSE_ACCOUNT"),
            ({"iin": ASAN}, "WHOSE_ACCOUNT"),
            ({"iin": ASAN, "bin": None}, "INSURED_NOT_FOUND"),
            ({"bin": OTHER_BIN}, "ACCOUNT_NOT_OPEN"),
        ):
            refused = await http.post("/api/v1/accounts/block", json={**B3, **changed})
            assert refused.json()["code"] == code
            assert ASAN not in refused.text
    logged = await operations(resources, clinic.organisation_id)
    assert [o.op_type for o, _ in logged] == ["OPEN", "BLOCK", "UNBLOCK"]
    assert logged[1][1]["before"] == {"status": "OPEN"}
    assert logged[1][1]["article_98"] == "ескерілді"
    assert logged[1][0].basis_id == BASIS["number"]


@pytest.mark.notes("BlockAccount", "UnblockAccount", "ShowAccountStanding")
async def test_each_ground_is_lifted_by_its_own_act(
    client: Any, resources: Resources, insure: Insure, owner: Any
) -> None:
    (person_id,) = (await insure(ASAN)).values()
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        b3 = {"iin": ASAN, "ground": "B3", "article_98": "ескерілді"}
        assert await post(http, "block", **b3) == (200, "BLOCKED")
        # another act of another body is another ground of the same kind
        other = {**b3, "basis": {**BASIS, "number": "other"}}
        assert await post(http, "block", **other) == (200, "BLOCKED")
        death = {"iin": ASAN, "ground": "B1", "fact": "DEATH"}
        assert await post(http, "block", **death) == (200, "BLOCKED")
        assert await post(http, "unblock", iin=ASAN) == (422, "GROUND_NEEDED")
        assert await post(http, "unblock", iin=ASAN, ground="B2") == (422, "GROUND_NOT_APPLICABLE")
        shown = (await http.post("/api/v1/accounts/standing", json={"iin": ASAN})).json()
        assert [r["ground"] for r in shown["restrictions"]] == ["B3", "B3", "B1"]
        assert shown["restrictions"][2]["close_due_at"] == "2026-05-06T18:59:59.999999Z"
        assert await post(http, "unblock", iin=ASAN, ground="B3") == (200, "BLOCKED")
        assert await post(http, "unblock", iin=ASAN, ground="B1") == (200, "OPEN")
        assert await post(http, "unblock", iin=ASAN) == (409, "ACCOUNT_STATUS_WRONG")
    logged = await operations(resources, person_id)
    assert [o.op_type for o, _ in logged[1:]] == ["BLOCK"] * 3 + ["UNBLOCK"] * 2
    assert [c["before"]["status"] for _, c in logged[1:4]] == ["OPEN", "BLOCKED", "BLOCKED"]
    # who looked is noted, also where the command was refused: the refusal told something
    blocked = await noted(owner, "BlockAccount")
    unblocked = await noted(owner, "UnblockAccount")
    assert [n.basis_id for n in blocked] == ["12-34/567", "other", "12-34/567"]
    assert len(unblocked) == 5
    assert {(n.person_id, n.organisation, n.role) for n in (*blocked, *unblocked)} == {
        (person_id, OTHER_BIN, "registrar")
    }
    assert [n.basis_id for n in await noted(owner, "ShowAccountStanding")] == [None]


@pytest.mark.notes("CloseAccount")
@pytest.mark.parametrize("blocked_first", [True, False])
async def test_closing_an_insured_cancels_his_policy(
    client: Any,
    resources: Resources,
    insure: Insure,
    register: Register,
    owner: Any,
    blocked_first: bool,
) -> None:
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    (person_id,) = (await insure(ASAN)).values()
    order = await orders.accept(
        resources,
        actor(ISSUER_BIN, Role.ISSUER_HEAD),
        signed(IssuePolicies(2026), resources, ISSUER_BIN),
    )
    await orders.run(resources.db.registry, resources.clock, order.order_id)
    assert await policies.of_year(resources.db.egov, person_id, 2026) is not None
    steps = [("block", "B1")] * blocked_first + [("close", "C1")]
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        for step, ground in steps:
            status, body = await post(http, step, iin=ASAN, ground=ground, fact="INCAPABLE")
            assert status == 200, body
        assert await post(http, "unblock", iin=ASAN) == (409, "ACCOUNT_STATUS_WRONG")
    assert await policies.of_year(resources.db.egov, person_id, 2026) is None
    logged = await operations(resources, person_id)
    assert [o.op_type for o, _ in logged[-2:]] == ["CLOSE", "CANCEL"]
    assert [n.person_id for n in await noted(owner, "CloseAccount")] == [person_id]


@pytest.mark.notes("CorrectAccount")
async def test_a_correction_names_what_it_reverses_and_does_it_once(
    client: Any, resources: Resources, insure: Insure, clock: FixedClock, owner: Any
) -> None:
    (person_id,) = (await insure(ASAN)).values()
    death = {"iin": ASAN, "ground": "B1", "fact": "DEATH"}
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        await post(http, "block", **death)  # seq 2
        assert await post(http, "corrections", iin=ASAN, seq=1) == (409, "NOT_REVERSIBLE")
        assert await post(http, "corrections", iin=ASAN, seq=9) == (409, "NOT_REVERSIBLE")
        tries = [post(http, "corrections", iin=ASAN, seq=2) for _ in range(4)]
        assert sorted(await asyncio.gather(*tries)) == [
            (200, "OPEN"),
            *[(409, "NOT_REVERSIBLE")] * 3,
        ]
        await post(http, "block", **death)  # seq 4
        await post(http, "unblock", iin=ASAN)  # seq 5
        assert await post(http, "corrections", iin=ASAN, seq=5) == (200, "BLOCKED")
    clock.advance(timedelta(days=40))
    assert await lapse.close_due(resources, Settled()) == 1  # seq 7
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        assert await post(http, "corrections", iin=ASAN, seq=6) == (409, "NOT_REVERSIBLE")
        assert await post(http, "corrections", iin=ASAN, seq=7) == (200, "BLOCKED")
        # what was closed in error does not close by itself again
        assert await lapse.close_due(resources, Settled()) == 0
        assert await post(http, "unblock", iin=ASAN) == (200, "OPEN")
    logged = await operations(resources, person_id)
    assert [(o.op_type, c.get("reverses")) for o, c in logged] == [
        ("OPEN", None),
        ("BLOCK", None),
        ("UNBLOCK", 2),
        ("BLOCK", None),
        ("UNBLOCK", None),
        ("BLOCK", 5),
        ("CLOSE", None),
        ("OPEN", 7),
        ("UNBLOCK", None),
    ]
    assert {n.person_id for n in await noted(owner, "CorrectAccount")} == {person_id}


async def test_thirty_days_after_a_death_the_settled_account_closes_by_itself(
    resources: Resources, insure: Insure, client: Any, clock: FixedClock
) -> None:
    dead, missing, billed = (iin_of(n) for n in (21, 22, 23))
    ids = await insure(dead, missing, billed)
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        for iin, fact in ((dead, "DECLARED_DEAD"), (missing, "MISSING"), (billed, "DEATH")):
            await post(http, "block", iin=iin, ground="B1", fact=fact)
        assert await post(http, "close", iin=dead, ground="C1") == (422, "FACT_WRONG")
    open_acts = Settled(ids[billed])
    clock.set(clock.now() + timedelta(days=30))  # the last day itself
    assert await lapse.close_due(resources, open_acts) == 0
    clock.advance(timedelta(days=1))
    assert await lapse.close_due(resources, open_acts) == 1
    assert await lapse.close_due(resources, Settled()) == 0  # looked at again in an hour
    clock.advance(timedelta(hours=2))
    assert await lapse.close_due(resources, Settled()) == 1
    statuses = await resources.db.registry.pool.fetch(
        "SELECT person_id, status FROM registry.account"
    )
    assert {r["person_id"]: r["status"] for r in statuses} == {
        ids[dead]: AccountStatus.CLOSED,
        ids[missing]: AccountStatus.BLOCKED,
        ids[billed]: AccountStatus.CLOSED,
    }
    closing, content = (await operations(resources, ids[dead]))[-1]
    assert (closing.op_type, closing.actor, closing.basis_kind) == (
        "CLOSE",
        "registrar:automatic",
        "EVENT",
    )
    assert (content["ground"], content["fact"]) == ("C1", "DECLARED_DEAD")
