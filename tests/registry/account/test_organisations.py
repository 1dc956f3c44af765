import asyncio
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.errors import Refusal
from backend.kernel.resources import Databases, Resources
from backend.registry.account import service
from backend.registry.account.errors import AlreadyRegistered
from backend.registry.account.model import (
    ChangeOrganisation,
    DeclareReadiness,
    Form,
    Head,
    Organisation,
    Requisite,
    SignAgreement,
)
from backend.registry.facility.model import Facility
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.signing.errors import DocumentAlreadyUsed
from tests.registry.conftest import (
    CLINIC_BIN,
    CONTACTS,
    ISSUER_BIN,
    OTHER_BIN,
    PHOTO,
    PHOTO_SHA256,
    SOLE_IIN,
    Register,
    actor,
    enter_mis,
    iin_of,
    registration,
    signed,
)


async def test_an_executor_becomes_ready_action_by_action(
    resources: Resources, clinic: Organisation, clock: FixedClock
) -> None:
    db, me = resources.db.registry, actor(CLINIC_BIN)
    missing = await _missing(resources)
    assert missing == [
        "agreement_signed",
        "mis_declared",
        "dfo_posted",
        "facilities_digitised",
        "qr_obtained",
    ]
    agreement = SignAgreement(number=CLINIC_BIN, version="1")
    await service.sign_agreement(resources, me, signed(agreement, resources, CLINIC_BIN))
    await enter_mis(resources, "mis-1")
    await service.declare(resources, me, DeclareReadiness(mis_code="mis-1"))
    await service.declare(resources, me, DeclareReadiness(dfo_year=2025))
    # declared is not borne out: the depository has not been heard
    assert await _missing(resources) == ["dfo_posted", "facilities_digitised", "qr_obtained"]
    operations = await log.of_subject(db, clinic.organisation_id)
    assert [o.op_type for o in operations] == ["OPEN", "CHANGE", "CHANGE", "CHANGE"]
    assert (await verify(db)).ok


async def test_a_facility_with_its_code_completes_readiness(
    resources: Resources, facility: Facility, clock: FixedClock
) -> None:
    assert await _missing(resources) == [
        "agreement_signed",
        "mis_declared",
        "dfo_posted",
        "qr_obtained",
    ]
    async with resources.db.visits.transaction() as tx:
        await service.mark_qr(tx, facility.facility_id, at=clock.now())
    assert await _missing(resources) == ["agreement_signed", "mis_declared", "dfo_posted"]


async def test_the_issuer_registers_once_by_a_global_operation(
    resources: Resources, register: Register
) -> None:
    issuer = await register(ISSUER_BIN, Role.ISSUER_HEAD)
    assert (issuer.kind, issuer.status) == ("ISSUER", "OPEN")
    (operation,) = await log.of_subject(resources.db.registry, issuer.organisation_id)
    assert (operation.op_class, operation.op_type) == ("GLOBAL", "REGISTER_ISSUER")
    with pytest.raises(AlreadyRegistered):
        await register(ISSUER_BIN, Role.ISSUER_HEAD, name="Again")
    assert (await service.cabinet(resources.db.registry, actor(ISSUER_BIN))).readiness is None


async def test_a_sole_proprietor_registers_with_his_iin(
    resources: Resources, register: Register
) -> None:
    owner = Head("Ахметова", "Айгүл", SOLE_IIN)
    sole = await register(SOLE_IIN, form=Form.SOLE, head=owner)
    assert (sole.form, sole.kind) == ("SOLE", "EXECUTOR")
    (operation,) = await log.of_subject(resources.db.registry, sole.organisation_id)
    assert SOLE_IIN not in operation.actor + operation.content + operation.basis_id


async def test_unsound_data_open_no_account(register: Register) -> None:
    cases: list[tuple[str, dict[str, Any], str, str]] = [
        (CLINIC_BIN, {"number": OTHER_BIN}, "NOT_SIGNER_OF_ORG", "$.number"),
        (
            CLINIC_BIN,
            {"head": Head("Омаров", "Асан", "850101300001")},
            "IIN_INVALID",
            "$.head.iin",
        ),
        (
            CLINIC_BIN,
            {"requisites": (Requisite("KZ00125KZT5004100100", "KINCKZKA", "Банк"),)},
            "IBAN_INVALID",
            "$.requisites[0].iban",
        ),
        (CLINIC_BIN, {"form": Form.SOLE}, "IIN_INVALID", "$.number"),
        (
            SOLE_IIN,
            {"form": Form.SOLE, "head": Head("Омаров", "Асан", iin_of(8))},
            "HEAD_MISMATCH",
            "$.head.iin",
        ),
    ]
    for bin_, changed, code, path in cases:
        with pytest.raises(Refusal) as refused:
            await register(bin_, **changed)
        assert (refused.value.actual_code, refused.value.path) == (code, path)


async def test_many_registrations_at_once_open_one_account(
    resources: Resources, register: Register
) -> None:
    outcomes = await asyncio.gather(
        *(register(CLINIC_BIN, name=f"Name {n}") for n in range(6)), return_exceptions=True
    )
    assert sum(isinstance(o, AlreadyRegistered) for o in outcomes) == 5
    assert (await verify(resources.db.registry)).operations == 1


async def test_a_signed_document_serves_once(resources: Resources, register: Register) -> None:
    await register(CLINIC_BIN)
    with pytest.raises(DocumentAlreadyUsed):
        await service.register(
            resources,
            actor(CLINIC_BIN),
            signed(registration(CLINIC_BIN), resources, CLINIC_BIN),
        )


async def test_a_change_is_due_in_one_working_day(
    resources: Resources, clinic: Organisation, clock: FixedClock
) -> None:
    me = actor(CLINIC_BIN)
    friday = ChangeOrganisation(changed_on=date(2026, 4, 3), name="Жаңа атау")
    changed = await service.change(resources, me, signed(friday, resources, CLINIC_BIN))
    assert (changed.name, changed.contacts) == ("Жаңа атау", CONTACTS)
    clock.advance(timedelta(days=1))
    await service.change(
        resources,
        me,
        signed(ChangeOrganisation(changed_on=date(2026, 4, 3), name="Кеш"), resources, CLINIC_BIN),
    )
    (summary,) = await deadlines.summary(resources.db.registry, at=clock.now())
    assert (summary.code, summary.kept, summary.breached) == ("d10", 1, 1)


async def test_a_changed_information_system_is_due_in_one_working_day_too(
    resources: Resources, clinic: Organisation, clock: FixedClock
) -> None:
    me, friday = actor(CLINIC_BIN), date(2026, 4, 3)
    await enter_mis(resources, "first", "late", "x")
    await service.declare(resources, me, DeclareReadiness(mis_code="first", changed_on=friday))
    clock.advance(timedelta(days=1))
    await service.declare(resources, me, DeclareReadiness(mis_code="late", changed_on=friday))
    (summary,) = await deadlines.summary(resources.db.registry, at=clock.now())
    assert (summary.code, summary.kept, summary.breached) == ("d10", 1, 1)
    last = (await log.of_subject(resources.db.registry, clinic.organisation_id))[-1]
    assert msgspec.json.decode(last.content) == {
        "before": {"mis_code": "first", "dfo_year": None},
        "after": {"mis_code": "late", "dfo_year": None},
    }
    for wrong in (DeclareReadiness(), DeclareReadiness(mis_code="x", changed_on=date(2026, 5, 1))):
        with pytest.raises(Refusal):
            await service.declare(resources, me, wrong)


async def test_the_head_is_for_the_registry_alone(
    databases: Databases, clinic: Organisation
) -> None:
    for db in (databases.visits, databases.allocation, databases.payments, databases.egov):
        assert await service.organisation_by_bin(db, CLINIC_BIN) == clinic
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.pool.fetch("SELECT head FROM registry.organisation")


async def test_over_http(client: Any, clinic: Organisation) -> None:
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        answer = await http.get("/api/v1/organisations/me")
        assert answer.status_code == 200
        assert answer.json()["organisation"]["bin"] == CLINIC_BIN
        assert not answer.json()["readiness"]["ready"]
        wrong = await http.put("/api/v1/organisations/me/readiness", json={"dfo_year": 2024})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "DFO_YEAR_WRONG")
        await http.post("/api/v1/organisations/me/photographs", content=PHOTO)
        added = await http.post("/api/v1/organisations/me/facilities", json=FACILITY)
        assert added.status_code == 201, added.text
        again = await http.post("/api/v1/organisations/me/facilities", json=FACILITY)
        assert again.json()["code"] == "FACILITY_EXISTS"
        abroad = await http.post(
            "/api/v1/organisations/me/facilities", json={**FACILITY, "latitude": 39.9}
        )
        assert abroad.status_code == 422
        listed = await http.get("/api/v1/organisations/me/facilities")
        assert [f["latitude"] for f in listed.json()["items"]] == [51.1694]
    async with client(Role.EXECUTOR_HEAD, bin=OTHER_BIN) as http:
        stranger = await http.get("/api/v1/organisations/me")
        assert stranger.json()["code"] == "ACCOUNT_NOT_OPEN"
    async with client(Role.MIS, bin=OTHER_BIN) as http:
        assert (await http.get("/api/v1/organisations/me")).status_code == 403


FACILITY = {
    "name": "Негізгі ғимарат",
    "region": "Астана",
    "address": "Сарыарқа 1",
    "latitude": 51.1694,
    "longitude": 71.4491,
    "photo_outside_sha256": PHOTO_SHA256,
    "photo_inside_sha256": PHOTO_SHA256,
    "accounting_186": {"kind": "polyclinic", "total_area_m2": 2400},
    "design_capacity": 500,
}


async def _missing(resources: Resources) -> list[str]:
    found = await service.cabinet(resources.db.registry, actor(CLINIC_BIN))
    assert found.readiness is not None
    return list(found.readiness.missing)
