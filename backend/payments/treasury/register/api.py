"""Acts registers over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments import examples
from backend.payments.examples import SIGNED
from backend.payments.treasury.funding.errors import NotEnoughMoney
from backend.payments.treasury.order.api import PAYERS
from backend.payments.treasury.order.service.sign import SIGNERS
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register import service as registers
from backend.payments.treasury.register.errors import (
    IssuerAccountMissing,
    NothingToPay,
    RegisterAlreadySigned,
    RegisterDissolved,
    RegisterMismatch,
    RegisterNotFound,
    RegisterNotRefused,
)
from backend.payments.treasury.register.model import (
    DissolveRegister,
    FormRegister,
    Register,
    RegisterFile,
    RegisterWithRows,
    SignRegister,
)
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, page

_REGISTER = {**examples.REGISTER, "rows": [examples.ROW]}
_SIGNED = {**_REGISTER, "status": "SIGNED", "signed_at": "2026-06-03T05:10:00Z"}


@post(
    "/acts-registers",
    guards=[requires(Role.ISSUER_HEAD, Role.ISSUER_FINANCE)],
    tags=["payments"],
    **operation(
        "FormActsRegister",
        "Form the register of invoiced acts",
        discloses="nothing",
        errors=(NothingToPay, NotEnoughMoney, IssuerAccountMissing),
        body={"source": "mhi"},
        answer=_REGISTER,
    ),
)
async def form_register(
    data: JSONBody[FormRegister],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> RegisterWithRows:
    """Invoiced acts in the order of their approval, as far as the money goes; frozen ones wait."""
    return await registers.form(db, clock, actor, data)


@get(
    "/acts-registers",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListActsRegisters",
        "Acts registers",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [examples.REGISTER], "next": None},
    ),
)
async def list_registers(
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Register]:
    """Registers by number."""
    rows = await registers.registers(db, decode_int(cursor) or 0, limit + 1)
    return page(rows, limit, lambda r: r.number)


@get(
    "/acts-registers/{register_id:uuid}",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetActsRegister",
        "A register",
        discloses="nothing",
        errors=(RegisterNotFound,),
        answer=_REGISTER,
    ),
)
async def get_register(register_id: FromPath[UUID], db: NamedDependency[Db]) -> RegisterWithRows:
    """The thirteen columns of Appendix 1."""
    return await registers.find(db, register_id)


@post(
    "/acts-registers/{register_id:uuid}/signature",
    status_code=200,
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["payments"],
    **operation(
        "SignActsRegister",
        "The issuer's head signs a register",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            RegisterNotFound,
            RegisterAlreadySigned,
            RegisterDissolved,
            RegisterMismatch,
        ),
        body=SIGNED,
        answer=_SIGNED,
    ),
)
async def sign_register(
    register_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> RegisterWithRows:
    """Signed (`register.sign`): register_id, content_sha256. Its payment orders are then written."""
    head = frozenset({CertificateRole.HEAD})
    signed = await evidence.accept(resources, actor, data, SignRegister, roles=head)
    if signed.command.register_id != register_id:
        raise DocumentMalformed(path="$.register_id", detail="not the one of this address")
    return await registers.sign(resources, actor, signed)


@post(
    "/acts-registers/{register_id:uuid}/dissolution",
    status_code=200,
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "DissolveActsRegister",
        "Dissolve a register the head has not signed",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, RegisterNotFound, RegisterAlreadySigned, RegisterDissolved),
        body=SIGNED,
        answer={
            **_REGISTER,
            "status": "DISSOLVED",
            "dissolved_at": "2026-06-03T05:10:00Z",
            "dissolution_reason": "Актілердің бірі бойынша дау түсті",
        },
    ),
)
async def dissolve_register(
    register_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> RegisterWithRows:
    """Signed (`register.dissolve`): register_id, reason. Its acts wait for another register, in the place they
    had; its number and rows stay. Orders of a signed register are withdrawn instead.
    """
    signed = await evidence.accept(resources, actor, data, DissolveRegister, roles=SIGNERS)
    if signed.command.register_id != register_id:
        raise DocumentMalformed(path="$.register_id", detail="not the one of this address")
    return await registers.dissolve(resources, actor, signed)


@get(
    "/acts-registers/{register_id:uuid}/file",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetRegisterFile",
        "The file of a register",
        discloses="nothing",
        errors=(RegisterNotFound,),
        answer={
            "register_id": examples.REGISTER_ID,
            "content_sha256": examples.SHA256,
            "content": "eyJmb3JtYXQiOiJhY3RzLXJlZ2lzdGVyLjEi…",
        },
    ),
)
async def get_register_file(register_id: FromPath[UUID], db: NamedDependency[Db]) -> RegisterFile:
    """The exact bytes the head signs for and the Treasury gets: header, table, the orders' message ids."""
    return await registers.file(db, register_id)


@post(
    "/acts-registers/{register_id:uuid}/delivery",
    status_code=200,
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "RedeliverRegister",
        "Hand a refused register over again",
        discloses="nothing",
        errors=(RegisterNotFound, RegisterNotRefused),
        answer=_SIGNED,
    ),
)
async def redeliver_register(
    register_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> RegisterWithRows:
    """The same bytes go to the Treasury once more; `refusal` says why it did not take them."""
    return await delivery.try_again(resources, actor, register_id)


HANDLERS = [
    form_register,
    list_registers,
    get_register,
    get_register_file,
    sign_register,
    dissolve_register,
    redeliver_register,
]
