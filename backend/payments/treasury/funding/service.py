"""Ask for money, record that it came, move it to the account executors are paid from."""

from uuid import UUID

import asyncpg

from backend.kernel import deadlines, events
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.terms import deadline
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.errors import BalanceTooSmall
from backend.payments.ledger.model import TransferKind
from backend.payments.treasury.funding import queries, rules
from backend.payments.treasury.funding.errors import (
    DuplicateFunding,
    FundingInvoiceNotFound,
    NotEnoughMoney,
    NotYourMoney,
    Overpaid,
)
from backend.payments.treasury.funding.events import MoneyMoved, MoneyReceived
from backend.payments.treasury.funding.model import (
    AskForMoney,
    FundingInvoice,
    FundingTerm,
    FundingTransfer,
    Money,
    MoveMoney,
    RecordTransfer,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def ask(db: Db, clock: Clock, command: AskForMoney) -> FundingInvoice:
    """The issuer's invoice to a payer; the same number and data again is the same invoice.

    Raises LebFundsMhiOnly, DuplicateFunding.
    """
    source = rules.require_lawful(command.source)
    await queries.ADD_INVOICE.run(
        db,
        uuid7(),
        command.number,
        source,
        command.payer_bin,
        command.amount_tiyn,
        clock.now(),
    )
    found = await queries.INVOICE_BY_NUMBER.get(db, command.number)
    if (found.source, found.payer_bin, found.amount_tiyn) != (
        source,
        command.payer_bin,
        command.amount_tiyn,
    ):
        raise DuplicateFunding(path="number")
    return found


async def record(resources: Resources, actor: Actor, command: RecordTransfer) -> FundingTransfer:
    """Money reached the issuer: the 30 calendar days of M §14 begin (d6).

    The same reference and data again change nothing. Raises LebFundsMhiOnly, NotYourMoney,
    FundingInvoiceNotFound, DuplicateFunding, Overpaid.
    """
    source, now = rules.require_lawful(command.source), resources.clock.now()
    transfer_id = uuid7()
    try:
        async with resources.db.payments.transaction() as tx:
            invoice = await queries.INVOICE.one(tx, command.invoice_id)
            if invoice is None:
                raise FundingInvoiceNotFound(path="invoice_id")
            if invoice.source != source:
                raise NotYourMoney
            rules.require_teller(actor, source, invoice.payer_bin)
            if not await queries.ADD_TRANSFER.run(
                tx,
                transfer_id,
                source,
                rules.destination(source),
                command.reference,
                command.invoice_id,
                command.amount_tiyn,
                now,
                None,
            ):
                return _same(
                    await queries.TRANSFER_BY_REFERENCE.get(tx, command.reference), command
                )
            await queries.PAY_INVOICE.run(tx, command.invoice_id, command.amount_tiyn)
            giver, taker = rules.way(source)
            await ledger.open_accounts(tx, [giver, taker])
            await ledger.post(
                tx,
                f"funding:{transfer_id}",
                TransferKind.MONEY_RECEIVED,
                accounts.move(command.amount_tiyn, giver, taker),
                now,
            )
            due_at = deadline(resources.calendar, "d6", legal_date(now))
            await deadlines.start(tx, "d6", transfer_id, "issuer", started_at=now, due_at=due_at)
            received = MoneyReceived(transfer_id, source, command.amount_tiyn)
            await events.append(tx, received, by=actor, at=now)
            return await queries.TRANSFER_BY_REFERENCE.get(tx, command.reference)
    except asyncpg.CheckViolationError as e:
        if violated(e) == queries.NOT_OVERPAID:
            raise Overpaid(path="amount_tiyn") from None
        raise


def _same(found: FundingTransfer, command: RecordTransfer) -> FundingTransfer:
    if (found.kind, found.invoice_id, found.amount_tiyn) != (
        command.source,
        command.invoice_id,
        command.amount_tiyn,
    ):
        raise DuplicateFunding(path="reference")
    return found


async def move(resources: Resources, actor: Actor, signed: Signed[MoveMoney]) -> FundingTransfer:
    """MHI money from the National Bank account to the cash control account (M §4(4)).

    Raises NotEnoughMoney, DuplicateFunding, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    transfer_id = uuid7()
    nbk, kbsh = accounts.cash("nbk", "mhi"), accounts.cash("kbsh", "mhi")
    async with resources.db.payments.transaction() as tx:
        if not await queries.ADD_TRANSFER.run(
            tx,
            transfer_id,
            "nbk_to_kbsh",
            "kbsh",
            command.reference,
            None,
            command.amount_tiyn,
            now,
            await evidence.store(tx, signed),
        ):
            raise DuplicateFunding(path="$.reference")
        await ledger.open_accounts(tx, [nbk, kbsh])
        try:
            await ledger.post(
                tx,
                f"funding:{transfer_id}",
                TransferKind.MONEY_MOVED,
                accounts.move(command.amount_tiyn, nbk, kbsh),
                now,
            )
        except BalanceTooSmall:
            raise NotEnoughMoney(path="$.amount_tiyn") from None
        moved = MoneyMoved(transfer_id, command.amount_tiyn)
        await events.append(tx, moved, by=actor, at=now)
        return await queries.TRANSFER_BY_REFERENCE.get(tx, command.reference)


async def money(where: Executor) -> list[Money]:
    """What the issuer holds of each source."""
    return await queries.MONEY.all(where)


async def terms(
    where: Executor, clock: Clock, before: UUID | None, limit: int
) -> list[FundingTerm]:
    """The 30-day terms of money received (d6), the newest first."""
    rows, now = await queries.TERMS.all(where, before, limit), clock.now()
    return [rules.term(row, now) for row in rows]
