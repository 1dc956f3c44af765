"""E-invoices over HTTP."""

from typing import Final, Literal
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound
from backend.payments.act.service import read as acts
from backend.payments.examples import INVOICE, INVOICE_DIFFERENCE, SIGNED
from backend.payments.invoice import reconcile, service
from backend.payments.invoice.errors import (
    DuplicateInvoice,
    InvoiceNotFound,
    InvoicePeriodMismatch,
    InvoiceStateWrong,
    InvoiceTooEarly,
    NoBasis,
    SumMismatch,
)
from backend.payments.invoice.model import Difference, Invoice, IssueInvoice, RevokeInvoice
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

# Financial documents are signed by the accountant, or by who may sign for the organisation.
SIGNERS: Final = frozenset(
    {CertificateRole.HEAD, CertificateRole.SIGNATORY, CertificateRole.FINANCE}
)


@post(
    "/acts/{act_id:uuid}/invoice",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_ACCOUNTANT)],
    tags=["payments"],
    **operation(
        "IssueInvoice",
        "Issue the e-invoice of a signed act",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            AccountBlocked,
            ActNotFound,
            InvoiceTooEarly,
            DuplicateInvoice,
            SumMismatch,
            InvoicePeriodMismatch,
            NoBasis,
        ),
        body=SIGNED,
        answer=INVOICE,
    ),
)
async def issue_invoice(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Invoice:
    """Issue an e-invoice, signed (`invoice.issue`): act_id, number, issued_on, contract_id,
    period_from, period_to, total_tiyn. The tax body's confirmation makes the act INVOICED.
    """
    signed = await evidence.accept(resources, actor, data, IssueInvoice, roles=SIGNERS)
    if signed.command.act_id != act_id:
        raise DocumentMalformed(path="$.act_id", detail="not the act of this address")
    return await service.issue(resources, actor, signed)


@get(
    "/acts/{act_id:uuid}/invoice",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "GetInvoice",
        "The e-invoice of an act",
        discloses="nothing",
        errors=(ActNotFound, AccountNotOpen),
        answer=INVOICE,
    ),
)
async def get_invoice(
    act_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Invoice:
    """The living e-invoice and the tax body's registration number."""
    return await service.of_act(db, act_id, await acts.scope_of(db, actor))


@post(
    "/acts/{act_id:uuid}/invoice/revocation",
    status_code=200,
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_ACCOUNTANT)],
    tags=["payments"],
    **operation(
        "RevokeInvoice",
        "Take an e-invoice back",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            AccountBlocked,
            InvoiceNotFound,
            InvoiceStateWrong,
        ),
        body=SIGNED,
        answer={**INVOICE, "status": "REVOKING"},
    ),
)
async def revoke_invoice(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Invoice:
    """Signed (`invoice.revoke`): invoice_id, reason; as long as the act is in no register. The tax body is
    told; once it has confirmed, another e-invoice may be issued.
    """
    signed = await evidence.accept(resources, actor, data, RevokeInvoice, roles=SIGNERS)
    return await reconcile.take_back(resources, actor, act_id, signed)


@get(
    "/invoices/differences",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListInvoiceDifferences",
        "E-invoices that the tax body has otherwise",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [INVOICE_DIFFERENCE], "next": None},
    ),
)
async def list_differences(
    db: NamedDependency[Db],
    show: FromQuery[Literal["open", "all"]] = "open",
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Difference]:
    """`show=open`: those a person has to look at; `all`: also those that were mended or went away."""
    after = decode_uuid(cursor)
    rows = await reconcile.differences(db, after, limit + 1, only_open=show == "open")
    return page(rows, limit, lambda d: d.difference_id)


HANDLERS = [issue_invoice, get_invoice, revoke_invoice, list_differences]
