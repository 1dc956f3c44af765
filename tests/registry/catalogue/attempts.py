"""For every way of the table: what one would send, and about whom."""

from typing import Any
from uuid import uuid4

import msgspec

from backend.kernel.actor import EXECUTOR, Role
from backend.registry.account import service as accounts
from backend.registry.account.model import BasisDocument, SignAgreement
from backend.registry.person import service as persons
from backend.registry.photograph import service as photographs
from backend.registry.restriction.model import Block, BlockGround, Fact
from backend.registry.restriction.service import restrict
from tests.registry.catalogue.world import (
    BASIS,
    REGISTRAR_BIN,
    TODAY,
    Attempt,
    Request,
    World,
)
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    PHOTO,
    PHOTO_SHA256,
    actor,
    digitise,
    enter_mis,
    entry,
    iin_of,
    number,
    person_batch,
    registration,
    seen_batch,
    signed,
)


def _post(path: str, body: Any) -> Request:
    return "POST", path, body


async def register_issuer(world: World, role: Role) -> Request:
    command = msgspec.to_builtins(registration(ISSUER_BIN, name=str(uuid4())))
    return _post("/organisations", world.sign(role, command))


async def register_executor(world: World, role: Role) -> Request:
    world.bin_of_executor = number(f"09054{next(world.numbers):05}")
    bin_ = world.bin_of_executor if role in EXECUTOR else number(f"09064{next(world.numbers):05}")
    return _post("/organisations", world.sign(role, msgspec.to_builtins(registration(bin_))))


async def change_own(world: World, role: Role) -> Request:
    command = {"operation": "organisation.change", "changed_on": TODAY, "name": str(uuid4())}
    return _post("/organisations/me/changes", world.sign(role, command))


async def change_issuer(world: World, role: Role) -> Request:
    command = {
        "operation": "issuer.change",
        "changed_on": TODAY,
        "basis": BASIS,
        "name": str(uuid4()),
    }
    return _post("/issuer/changes", world.sign(role, command))


async def sign_agreement(world: World, role: Role) -> Request:
    await world.new_clinic()
    command = {"operation": "agreement.sign", "number": world.bin_of(role), "version": "1"}
    return _post("/organisations/me/agreement", world.sign(role, command))


async def withdraw_agreement(world: World, role: Role) -> Request:
    await world.new_clinic()
    clinic = world.bin_of(Role.EXECUTOR_HEAD)
    concluded = signed(SignAgreement(clinic, "1"), world.resources, clinic)
    await accounts.sign_agreement(world.resources, actor(clinic), concluded)
    command = {
        "operation": "agreement.withdraw",
        "number": world.bin_of(role),
        "withdrawn_on": str(TODAY),
    }
    return _post("/organisations/me/agreement/withdrawal", world.sign(role, command))


async def declare(world: World, role: Role) -> Request:
    code = str(uuid4())
    await enter_mis(world.resources, code)
    return "PUT", "/organisations/me/readiness", {"mis_code": code}


async def add_facility(world: World, role: Role) -> Request:
    if role in EXECUTOR:  # its photographs are there before
        bin_ = world.bin_of(role)
        await photographs.hand_in(world.resources, actor(bin_), PHOTO)
    body = {
        "name": str(uuid4()),
        "region": "Астана",
        "address": "Сарыарқа 1",
        "latitude": 51.1694,
        "longitude": 71.4491,
        "photo_outside_sha256": PHOTO_SHA256,
        "photo_inside_sha256": PHOTO_SHA256,
        "accounting_186": {"kind": "polyclinic"},
        "design_capacity": 500,
    }
    return _post("/organisations/me/facilities", body)


async def change_facility(world: World, role: Role) -> Request:
    body = {
        "facility_id": str(world.facility_id),
        "changed_on": TODAY,
        "design_capacity": next(world.numbers),
    }
    return _post("/organisations/me/facilities/changes", body)


async def close_facility(world: World, role: Role) -> Request:
    facility = await digitise(world.resources, CLINIC_BIN, name=str(uuid4()))
    body = {"facility_id": str(facility.facility_id), "closed_on": TODAY}
    return _post("/organisations/me/facilities/closures", body)


async def see_visit(world: World, role: Role) -> Request:
    iin = iin_of(next(world.numbers))
    await persons.enter(world.resources, MIS, person_batch(entry(iin)))
    return _post("/mis/visits-seen", msgspec.to_builtins(seen_batch(iin)))


async def enter_seen(world: World, role: Role) -> Request:
    iin = iin_of(next(world.numbers))
    await persons.see(world.resources, MIS, seen_batch(iin))
    return _post("/mis/persons", msgspec.to_builtins(person_batch(entry(iin))))


async def enter_changed(world: World, role: Role) -> Request:
    iin = await world.insured()
    changed = person_batch(entry(iin, address="Алматы, Абай 1"))
    return _post("/mis/persons", msgspec.to_builtins(changed))


async def attach(world: World, role: Role) -> Request:
    row = {
        "iin": await world.holder(),
        "executor_bin": CLINIC_BIN,
        "facility_id": str(world.facility_id),
        "since": TODAY,
    }
    return _post("/mis/attachments", {"batch_id": str(uuid4()), "attachments": [row]})


async def _blocked(world: World) -> str:
    if world.again:
        return world.somebody
    iin = await world.insured()
    basis = msgspec.convert(BASIS, BasisDocument)
    command = Block(BlockGround.B1, basis, fact=Fact.MISSING, iin=iin)
    registrar = actor(REGISTRAR_BIN, Role.REGISTRAR)
    await restrict.block(world.resources, registrar, command)
    return iin


async def block(world: World, role: Role) -> Request:
    body = {"iin": await world.insured(), "ground": "B1", "fact": "DEATH", "basis": BASIS}
    return _post("/accounts/block", body)


async def unblock(world: World, role: Role) -> Request:
    return _post("/accounts/unblock", {"iin": await _blocked(world), "basis": BASIS})


async def correct(world: World, role: Role) -> Request:
    return _post("/accounts/corrections", {"iin": await _blocked(world), "seq": 2, "basis": BASIS})


async def close(world: World, role: Role) -> Request:
    body = {"iin": await world.holder(), "ground": "C1", "fact": "DEATH", "basis": BASIS}
    return _post("/accounts/close", body)


async def _order(
    world: World, role: Role, path: str, operation: str, iin: str, **more: Any
) -> Request:
    command = {"operation": operation, "year": 2026, "iin": iin, "number": str(uuid4()), **more}
    return _post(path, world.sign(role, command))


async def issue(world: World, role: Role) -> Request:
    return await _order(world, role, "/orders", "order.issue_policies", await world.insured())


async def credit(world: World, role: Role) -> Request:
    iin = await world.holder(credit=False, attached=True)
    return await _order(world, role, "/orders/credits", "order.credit_policies", iin)


async def change_policy(world: World, role: Role) -> Request:
    iin = await world.holder(attached=True)
    more = {"tariff_set": str(uuid4())}
    return await _order(world, role, "/orders/changes", "order.change_policies", iin, **more)


async def insure(world: World, role: Role) -> Request:
    row = {"iin": await world.holder(), "category": "7", "valid_from": "2026-01-01"}
    return _post("/privileges", {"batch_id": str(uuid4()), "privileges": [row]})


async def pay(world: World, role: Role) -> Request:
    row = {
        "iin": await world.holder(),
        "paid_on": "2026-04-02",
        "period": "2026-03",
        "kind": "deduction",
        "amount_tiyn": 900_000,
        "payer_bin": CLINIC_BIN,
        "source_ref": str(uuid4()),
    }
    return _post("/contributions", {"batch_id": str(uuid4()), "receipts": [row], "refunds": []})


async def change_executor(world: World, role: Role) -> Request:
    iin = await world.holder(attached=True)
    path = "/orders/executor-changes"
    return await _order(world, role, path, "order.change_executor", iin)


async def cancel(world: World, role: Role) -> Request:
    iin = await world.holder(attached=True)
    path, operation = "/orders/cancellations", "order.cancel_policies"
    return await _order(world, role, path, operation, iin, ground="DUPLICATE")


async def order_list(world: World, role: Role) -> Request:
    await world.holder()
    command = {"operation": "information.list_insured", "order_number": str(uuid4())}
    return _post("/insured-lists", world.sign(role, command))


async def request_list(world: World, role: Role) -> Request:
    await world.holder()
    command = {
        "operation": "information.request_insured_list",
        "body": "ҚР ІІМ",
        "request_number": str(uuid4()),
        "requested_on": TODAY,
    }
    return _post("/insured-lists/requests", world.sign(role, command))


def order_extract(kind: str) -> Attempt:
    async def attempt(world: World, role: Role) -> Request:
        command = {
            "operation": "information.order",
            "iin": await world.holder(),
            "kind": kind,
            "order_number": "1",
        }
        return _post("/extracts/orders", world.sign(role, command))

    return attempt


def request_extract(kind: str) -> Attempt:
    async def attempt(world: World, role: Role) -> Request:
        command = {
            "operation": "information.request",
            "iin": await world.holder(),
            "kind": kind,
            "body": "ҚР ІІМ",
            "request_number": "1",
            "requested_on": TODAY,
        }
        return _post("/extracts/requests", world.sign(role, command))

    return attempt


def take_extract(kind: str) -> Attempt:
    async def attempt(world: World, role: Role) -> Request:
        await world.holder()
        return _post("/citizen/extracts", {"kind": kind, "consent": True})

    return attempt


_KINDS = {
    "M §30(2)": "ACCOUNT",
    "M §30(3)": "POLICY",
    "M §30(4)": "INFORMATION_OPERATIONS",
    "M §30(5)": "POLICY_EVENTS",
}
# (paragraph, operation of the API) -> the attempt
ATTEMPTS: dict[tuple[str, str], Attempt] = {
    ("M §27(1)", "RegisterOrganisation"): register_issuer,
    ("M §27(2)", "ChangeOrganisation"): change_own,
    ("M §27(2)", "ChangeIssuer"): change_issuer,
    ("M §28(1)", "RegisterOrganisation"): register_executor,
    ("M §28(1)", "TellVisitsSeen"): see_visit,
    ("M §28(1)", "EnterPersons"): enter_seen,
    ("M §28(2)", "ChangeOrganisation"): change_own,
    ("M §28(2)", "SignAgreement"): sign_agreement,
    ("M §28(2)", "WithdrawAgreement"): withdraw_agreement,
    ("M §28(2)", "DeclareReadiness"): declare,
    ("M §28(2)", "AddFacility"): add_facility,
    ("M §28(2)", "ChangeFacility"): change_facility,
    ("M §28(2)", "CloseFacility"): close_facility,
    ("M §28(2)", "EnterPersons"): enter_changed,
    ("M §28(2)", "AttachPersons"): attach,
    ("M §28(3)", "BlockAccount"): block,
    ("M §28(3)", "UnblockAccount"): unblock,
    ("M §28(3)", "CorrectAccount"): correct,
    ("M §28(4)", "CloseAccount"): close,
    ("M §29(1)", "OrderPolicies"): issue,
    ("M §29(2)", "OrderChanges"): change_policy,
    ("M §29(2)", "ReceivePrivileges"): insure,
    ("M §29(2)", "ReceiveContributions"): pay,
    ("M §29(3)", "AttachPersons"): attach,
    ("M §29(3)", "OrderExecutorChanges"): change_executor,
    ("M §29(4)", "OrderPolicies"): issue,
    ("M §29(4)", "OrderCredits"): credit,
    ("M §29(5)", "OrderCancellations"): cancel,
    ("M §29(5)", "CloseAccount"): close,
    ("M §30(1)", "OrderInsuredList"): order_list,
    ("M §30(1)", "RequestInsuredList"): request_list,
    **{(p, "OrderExtract"): order_extract(kind) for p, kind in _KINDS.items()},
    **{(p, "RequestExtract"): request_extract(kind) for p, kind in _KINDS.items()},
    **{(p, "TakeExtract"): take_extract(kind) for p, kind in _KINDS.items()},
}
