"""Funding over HTTP; registers, orders and statements in their own rooms."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

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
from backend.payments.treasury.register import api as register
from backend.payments.treasury.statement import api as statement
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page


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


HANDLERS = [
    ask_for_money,
    record_funding,
    move_money,
    get_money,
    list_funding_terms,
    *register.HANDLERS,
    *order.HANDLERS,
    *statement.HANDLERS,
]
