from typing import Any

import pytest

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.order import service as orders
from backend.registry.order.model import IssuePolicies
from backend.registry.policy import service as policies
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


async def test_only_the_registrar_blocks_and_unblocks_a_clinic(
    client: Any, resources: Resources, clinic: Organisation
) -> None:
    command = {"bin": CLINIC_BIN, "ground": "B3", "basis": BASIS}
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        assert (await http.post("/api/v1/accounts/block", json=command)).status_code == 403
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        blocked = await http.post("/api/v1/accounts/block", json=command)
        assert blocked.json() == {"subject_id": str(clinic.organisation_id), "status": "BLOCKED"}
        twice = await http.post("/api/v1/accounts/block", json=command)
        assert (twice.status_code, twice.json()["code"]) == (409, "ACCOUNT_STATUS_WRONG")
        async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as clinic_http:
            silent = await clinic_http.put(
                "/api/v1/organisations/me/readiness", json={"mis_code": "x"}
            )
            assert (silent.status_code, silent.json()["code"]) == (409, "ACCOUNT_BLOCKED")
        opened = await http.post(
            "/api/v1/accounts/unblock", json={"bin": CLINIC_BIN, "basis": BASIS}
        )
        assert opened.json()["status"] == "OPEN"
        for changed, code in (
            ({"ground": "B1"}, "GROUND_NOT_APPLICABLE"),
            ({"bin": None}, "WHOSE_ACCOUNT"),
            ({"iin": ASAN}, "WHOSE_ACCOUNT"),
            ({"iin": ASAN, "bin": None, "ground": "B1"}, "INSURED_NOT_FOUND"),
            ({"bin": OTHER_BIN}, "ACCOUNT_NOT_OPEN"),
        ):
            refused = await http.post("/api/v1/accounts/block", json={**command, **changed})
            assert refused.json()["code"] == code
            assert ASAN not in refused.text
    operations = await log.of_subject(resources.db.registry, clinic.organisation_id)
    assert [o.op_type for o in operations] == ["OPEN", "BLOCK", "UNBLOCK"]


@pytest.mark.parametrize("blocked_first", [True, False])
async def test_closing_an_insured_cancels_his_policy(
    client: Any, resources: Resources, insure: Insure, register: Register, blocked_first: bool
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
            answer = await http.post(
                f"/api/v1/accounts/{step}", json={"iin": ASAN, "ground": ground, "basis": BASIS}
            )
            assert answer.status_code == 200, answer.text
        for_ever = await http.post("/api/v1/accounts/unblock", json={"iin": ASAN, "basis": BASIS})
        assert for_ever.json()["code"] == "ACCOUNT_STATUS_WRONG"
    assert await policies.of_year(resources.db.egov, person_id, 2026) is None
    operations = await log.of_subject(resources.db.registry, person_id)
    assert [o.op_type for o in operations[-2:]] == ["CLOSE", "CANCEL"]
    assert (await verify(resources.db.registry)).ok
