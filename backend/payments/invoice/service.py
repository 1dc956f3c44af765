"""Issue an e-invoice, and have it registered by the tax body exactly once."""

import asyncio
from uuid import UUID

import asyncpg

from backend.kernel import events, jobs, money
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound
from backend.payments.invoice import queries, reconcile, rules
from backend.payments.invoice.errors import DuplicateInvoice
from backend.payments.invoice.events import InvoiceConfirmed, InvoiceIssued
from backend.payments.invoice.model import ForTax, Invoice, IssueInvoice
from backend.registry.account import service as account
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.sources.exchange import SourceUnavailable
from backend.sources.tax import service as tax

REGISTER_JOB = "payments.register_invoice"
RETRY_AFTER = reconcile.RETRY_AFTER


async def issue(resources: Resources, actor: Actor, signed: Signed[IssueInvoice]) -> Invoice:
    """Issue an e-invoice to the issuer for a signed act (M §13); a job registers it.

    Raises ActNotFound, DuplicateInvoice, and what `rules.require_agreement` does.
    """
    command, now = signed.command, resources.clock.now()
    invoice_id = uuid7()
    async with resources.db.payments.transaction() as tx:
        executor = await account.require_open_executor(tx, actor.bin or "")
        act = await queries.ACT_FOR_UPDATE.one(tx, command.act_id, executor.organisation_id)
        if act is None:
            raise ActNotFound(path="$.act_id")
        rules.require_agreement(command, act, legal_date(now))
        try:
            await queries.ADD.run(
                tx,
                invoice_id,
                command.act_id,
                executor.organisation_id,
                command.contract_id,
                command.number,
                command.issued_on,
                command.period_from,
                command.period_to,
                command.total_tiyn,
                await evidence.store(tx, signed),
                now,
                now + RETRY_AFTER,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) in queries.DUPLICATES:
                raise DuplicateInvoice from None
            raise
        issued = InvoiceIssued(invoice_id, command.act_id)
        await events.append(tx, issued, by=actor, at=now)
        await jobs.enqueue(tx, REGISTER_JOB, {"invoice_id": str(invoice_id)})
        return await queries.FIND.get(tx, command.act_id, None)


async def register(resources: Resources, invoice_id: UUID) -> bool:
    """Ask the tax body to register an issued invoice; whether this call linked it.

    Safe to repeat: the tax body keeps seller and number. Raises SourceUnavailable.
    """
    invoice = await queries.FOR_TAX.one(resources.db.payments, invoice_id)
    if invoice is None:
        return False
    confirmed = await tax.register(resources.http, resources.config, _told(resources, invoice))
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        if not await queries.LINK.run(tx, invoice_id, now, confirmed.registration_number):
            return False
        await queries.ACT_INVOICED.run(tx, invoice.act_id)
        linked = InvoiceConfirmed(invoice_id, invoice.act_id)
        await events.append(tx, linked, by=SYSTEM, at=now)
    return True


def _told(resources: Resources, invoice: ForTax) -> tax.TaxInvoice:
    return tax.TaxInvoice(
        number=invoice.number,
        issued_on=invoice.issued_on,
        seller_bin=invoice.seller_bin,
        buyer_bin=resources.config.issuer_bin,
        contract_number=invoice.contract_number,
        period_from=invoice.period_from,
        period_to=invoice.period_to,
        amount=money.plain(invoice.total_tiyn),
    )


async def retry_due(resources: Resources) -> int:
    """Register, or revoke, the invoices whose jobs gave up; how many went on."""
    now = resources.clock.now()
    due = await queries.TAKE_DUE.all(resources.db.payments, now, now + RETRY_AFTER)
    outcomes = await asyncio.gather(
        *(_go_on(resources, invoice_id) for invoice_id in due), return_exceptions=True
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, SourceUnavailable):
            raise outcome
    return sum(outcome is True for outcome in outcomes)


async def _go_on(resources: Resources, invoice_id: UUID) -> bool:
    return await register(resources, invoice_id) or await reconcile.revoke(resources, invoice_id)


async def of_act(where: Executor, act_id: UUID, executor_id: UUID | None) -> Invoice:
    """The living invoice of an act. Raises ActNotFound when there is none to be seen."""
    found = await queries.FIND.one(where, act_id, executor_id)
    if found is None:
        raise ActNotFound
    return found
