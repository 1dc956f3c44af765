"""The directories over HTTP: everybody reads them, the registrar enters by signature."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.directory import service
from backend.registry.directory.model import AccountingField, EnterAccountingField, EnterMis, Mis
from backend.signing.errors import (
    SIGNING_ERRORS,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import operation

SIGNED = {"document": "eyJvcGVyYXRpb24iOiLigKYifQ==", "signature": "MIIF…"}
SYSTEM = {
    "code": "mis-1",
    "name": "«МАЖ-1»",
    "conforms": True,
    "basis": "Сынақ хаттамасы № 12, 2026-02-10",
    "entered_at": "2026-04-06T04:00:00Z",
}
FIELD = {
    "code": "total_area_m2",
    "title_kk": "Жалпы ауданы, м²",
    "title_ru": "Общая площадь, м²",
    "kind": "integer",
    "required": True,
    "basis": "ҚР ДСМ-186/2020",
    "entered_at": "2026-04-06T04:00:00Z",
}


@get(
    "/directories/mis",
    guards=[public],
    tags=["registry"],
    **operation(
        "ListMis",
        "Medical information systems and whether they conform",
        discloses="nothing",
        guarded=False,
        answer=[SYSTEM],
    ),
)
async def list_mis(db: NamedDependency[Db]) -> list[Mis]:
    """An executor chooses one that conforms (M §6(2))."""
    return await service.systems(db)


@post(
    "/directories/mis",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "EnterMis",
        "Enter a medical information system",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED,
        answer=[SYSTEM],
    ),
)
async def enter_mis(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> list[Mis]:
    """Sign `directory.mis` {code, name, conforms, basis}; the last entry of a code holds."""
    signed = await evidence.accept(resources, actor, data, EnterMis)
    return await service.enter_mis(resources, signed)


@get(
    "/directories/accounting-fields",
    guards=[public],
    tags=["registry"],
    **operation(
        "ListAccountingFields",
        "What 186/2020 asks of a facility, by field",
        discloses="nothing",
        guarded=False,
        answer=[FIELD],
    ),
)
async def list_fields(db: NamedDependency[Db]) -> list[AccountingField]:
    """The names, kinds and titles of the section `accounting_186` of a facility's passport (M §6(4))."""
    return await service.fields(db)


@post(
    "/directories/accounting-fields",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "EnterAccountingField",
        "Enter a field of 186/2020",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED,
        answer=[FIELD],
    ),
)
async def enter_field(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> list[AccountingField]:
    """Sign `directory.accounting_field` {code, title_kk, title_ru, kind, required, basis, retired?}."""
    signed = await evidence.accept(resources, actor, data, EnterAccountingField)
    return await service.enter_field(resources, signed)
