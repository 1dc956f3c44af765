"""Funding and acts registers over HTTP; orders and statements in their own rooms."""

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
from backend.payments.treasury.funding import service as funding
from backend.payments.treasury.funding.errors import (
    DuplicateFunding,
    FundingInvoiceNotFound,
    LebFundsMhiOnly,
    NotEnoughMoney,
    NotYourMoney,
    Overpaid,
)
from backend.payments.treasury.funding.model import (
    AskForMoney,
    FundingInvoice,
    FundingTerm,
    FundingTransfer,
    Money,
    MoveMoney,
    RecordTransfer,
)
from backend.payments.treasury.order import api as order
from backend.payments.treasury.order.api import PAYERS
from backend.payments.treasury.order.service import sign
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register import service as registers
from backend.payments.treasury.register.errors import (
    IssuerAccountMissing,
    NothingToPay,
    RegisterAlreadySigned,
    RegisterMismatch,
    RegisterNotFound,
    RegisterNotRefused,
)
from backend.payments.treasury.register.model import (
    FormRegister,
    Register,
    RegisterFile,
    RegisterWithRows,
    SignRegister,
)
from backend.payments.treasury.statement import api as statement
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, decode_uuid, page

_REGISTER = {**examples.REGISTER, "rows": [examples.ROW]}


@post(
    "/funding/invoices",
    guards=[requires(Role.ISSUER_FINANCE)],
    tags=["payments"],
    **operation(
        "AskForMoney",
        "Issue a funding invoice",
        discloses="nothing",
        errors=(LebFundsMhiOnly, DuplicateFunding),
        body={
            "number": "MHI-2026-06",
            "source": "moh_mhi",
            "payer_bin": "000740000728",
            "amount_tiyn": 500000000000,
        },
        answer=examples.FUNDING_INVOICE,
    ),
)
async def ask_for_money(
    data: JSONBody[AskForMoney], db: NamedDependency[Db], clock: NamedDependency[Clock]
) -> FundingInvoice:
    """Money is transferred on the basis of an invoice; the same one again changes nothing."""
    return await funding.ask(db, clock, data)


@post(
    "/funding/transfers",
    guards=[requires(Role.MOH, Role.LEB, Role.ISSUER_FINANCE)],
    tags=["payments"],
    **operation(
        "RecordFunding",
        "Record money that reached the issuer",
        discloses="nothing",
        errors=(
            LebFundsMhiOnly,
            NotYourMoney,
            FundingInvoiceNotFound,
            DuplicateFunding,
            Overpaid,
        ),
        body={
            "reference": "MOH-1",
            "source": "moh_mhi",
            "invoice_id": examples.FUNDING_INVOICE["invoice_id"],
            "amount_tiyn": 500000000000,
        },
        answer=examples.TRANSFER,
    ),
)
async def record_funding(
    data: JSONBody[RecordTransfer],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FundingTransfer:
    """GVFMC money reaches the cash control account, MHI money the National Bank account."""
    return await funding.record(resources, actor, data)


@post(
    "/funding/moves",
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "MoveMoney",
        "Move MHI money to the cash control account",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, NotEnoughMoney, DuplicateFunding),
        body=SIGNED,
        answer={**examples.TRANSFER, "kind": "nbk_to_kbsh", "destination": "kbsh"},
    ),
)
async def move_money(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FundingTransfer:
    """From the National Bank account, signed (`funding.move`): reference, amount_tiyn."""
    signed = await evidence.accept(resources, actor, data, MoveMoney, roles=sign.SIGNERS)
    return await funding.move(resources, actor, signed)


@get(
    "/funding/money",
    guards=[requires(ISSUER, Role.MOH)],
    tags=["payments"],
    **operation(
        "GetMoney",
        "What the issuer holds",
        discloses="nothing",
        answer=[{"source": "mhi", "nbk_tiyn": 0, "kbsh_tiyn": 500000000000, "sent_tiyn": 0}],
    ),
)
async def get_money(db: NamedDependency[Db]) -> list[Money]:
    """The balances of the National Bank and cash control accounts, and what is on its way."""
    return await funding.money(db)


@get(
    "/funding/terms",
    guards=[requires(ISSUER, Role.MOH, Role.LEB)],
    tags=["payments"],
    **operation(
        "ListFundingTerms",
        "The 30 calendar days of the money received",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [examples.FUNDING_TERM], "next": None},
    ),
)
async def list_funding_terms(
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[FundingTerm]:
    """From the day money came, registers and orders are signed within 30 calendar days (M §14)."""
    rows = await funding.terms(db, clock, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda t: t.transfer_id)


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
        errors=(*SIGNING_ERRORS, RegisterNotFound, RegisterAlreadySigned, RegisterMismatch),
        body=SIGNED,
        answer={**_REGISTER, "status": "SIGNED", "signed_at": "2026-06-03T05:10:00Z"},
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
        answer={**_REGISTER, "status": "SIGNED", "signed_at": "2026-06-03T05:10:00Z"},
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
    ask_for_money,
    record_funding,
    move_money,
    get_money,
    list_funding_terms,
    form_register,
    list_registers,
    get_register,
    get_register_file,
    sign_register,
    redeliver_register,
    *order.HANDLERS,
    *statement.HANDLERS,
]
