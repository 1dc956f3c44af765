"""Directories: the registrar's signature alone enters, everybody reads, executors are held to them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.model import DeclareReadiness, Organisation
from backend.registry.directory import rules, service
from backend.registry.directory.errors import AccountingWrong, MisNotConforming
from backend.registry.directory.model import AccountingField, EnterAccountingField, FieldKind
from tests.conftest import MONDAY_MORNING
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    actor,
    digitise,
    enter_mis,
    signed,
)

FIELDS = [
    AccountingField(code, code, code, kind, required, "ҚР ДСМ-186/2020", MONDAY_MORNING)
    for code, kind, required in (
        ("beds", FieldKind.INTEGER, True),
        ("kind", FieldKind.TEXT, True),
        ("own_premises", FieldKind.BOOLEAN, False),
    )
]


async def test_only_a_conforming_system_is_declared(
    resources: Resources, clinic: Organisation
) -> None:
    me = actor(CLINIC_BIN)
    with pytest.raises(MisNotConforming):
        await accounts.declare(resources, me, DeclareReadiness(mis_code="mis-1"))
    await enter_mis(resources, "mis-1")
    told = await accounts.declare(resources, me, DeclareReadiness(mis_code="mis-1"))
    assert told.readiness
    assert "mis_declared" not in told.readiness.missing
    await enter_mis(resources, "mis-1", conforms=False)  # it conforms no more: readiness is lost
    again = await accounts.cabinet(resources.db.registry, me)
    assert again.readiness
    assert "mis_declared" in again.readiness.missing


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"beds": None}, "beds"),
        ({"beds": "10"}, "beds"),
        ({"beds": True}, "beds"),
        ({"kind": ""}, "kind"),
        ({"own_premises": 1}, "own_premises"),
        ({"colour": "white"}, "colour"),
    ],
)
def test_data_of_186_are_held_to_their_fields(changed: dict[str, Any], field: str) -> None:
    whole: dict[str, Any] = {"beds": 10, "kind": "polyclinic"}
    rules.require_accounting(FIELDS, whole)
    given_ = {k: v for k, v in (whole | changed).items() if v is not None}
    with pytest.raises(AccountingWrong) as refused:
        rules.require_accounting(FIELDS, given_)
    assert refused.value.path == f"accounting_186.{field}"


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.integers() | st.booleans() | st.text()))
def test_without_a_directory_no_name_is_asked(given_: dict[str, Any]) -> None:
    rules.require_accounting([], given_)


async def test_a_facility_gives_the_fields_by_name(
    resources: Resources, clinic: Organisation, clock: FixedClock
) -> None:
    field = EnterAccountingField(
        "beds", "Төсек саны", "Число коек", FieldKind.INTEGER, True, "ҚР ДСМ-186/2020"
    )
    assert [
        f.code for f in await service.enter_field(resources, signed(field, resources, ISSUER_BIN))
    ] == ["beds"]
    with pytest.raises(AccountingWrong):
        await digitise(resources, CLINIC_BIN)
    await digitise(resources, CLINIC_BIN, accounting_186={"beds": 12})
    gone = msgspec.structs.replace(field, retired=True)
    assert await service.enter_field(resources, signed(gone, resources, ISSUER_BIN)) == []


async def test_everybody_reads_and_nobody_but_the_registrar_enters(
    resources: Resources, client: Any
) -> None:
    await enter_mis(resources, "mis-1")
    async with client() as http:
        (system,) = (await http.get("/api/v1/directories/mis")).json()
        assert (system["code"], system["conforms"]) == ("mis-1", True)
        assert (await http.get("/api/v1/directories/accounting-fields")).json() == []
    body = {"document": "e30=", "signature": "AAAA"}
    for role in (Role.ISSUER_HEAD, Role.EXECUTOR_HEAD, Role.MOH, Role.MIS):
        async with client(role, bin=CLINIC_BIN) as http:
            for path in ("mis", "accounting-fields"):
                told = await http.post(f"/api/v1/directories/{path}", json=body)
                assert told.status_code == 403
