"""E-invoices beside the tax body's books: compared day by day, mended or named; and revoked.

Every step may be repeated: what both have is looked at anew under the invoice's lock.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.invoice import queries, rules
from backend.payments.invoice.events import (
    InvoiceConfirmed,
    InvoiceDiffers,
    InvoiceRevocationAsked,
    InvoiceRevoked,
)
from backend.payments.invoice.model import (
    Compared,
    Difference,
    DifferenceKind,
    Invoice,
    RevokeInvoice,
)
from backend.registry.account import service as account
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.sources.exchange import SourceUnavailable
from backend.sources.tax import service as tax

REVOKE_JOB = "payments.revoke_invoice"
RETRY_AFTER: Final = timedelta(minutes=2)


async def take_back(
    resources: Resources, actor: Actor, act_id: UUID, signed: Signed[RevokeInvoice]
) -> Invoice:
    """The executor takes its e-invoice back; its act waits for another at once. A job tells the tax body.

    Raises InvoiceNotFound, InvoiceStateWrong when it is not confirmed or its act is in a register.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        executor = await account.require_open_executor(tx, actor.bin or "")
        await queries.LOCK.run(tx)
        found = rules.require_revocable(
            await queries.OWN_FOR_UPDATE.one(
                tx, command.invoice_id, act_id, executor.organisation_id
            )
        )
        evidence_id = await evidence.store(tx, signed)
        await queries.REVOKE.run(
            tx, found.invoice_id, command.reason, evidence_id, now + RETRY_AFTER
        )
        await queries.ACT_WITHOUT_INVOICE.run(tx, act_id)
        asked = InvoiceRevocationAsked(found.invoice_id, act_id)
        await events.append(tx, asked, by=actor, at=now)
        await jobs.enqueue(tx, REVOKE_JOB, {"invoice_id": str(found.invoice_id)})
        return await queries.FIND.get(tx, act_id, None)


async def revoke(resources: Resources, invoice_id: UUID) -> bool:
    """Tell the tax body that an invoice is taken back; whether it is gone now. Raises SourceUnavailable."""
    found = await queries.REVOKING.one(resources.db.payments, invoice_id)
    if found is None:
        return False
    asked = tax.TaxQuestion(found.seller_bin, found.number)
    await tax.revoke(resources.http, resources.config, asked, found.revocation)
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        if await queries.REVOKED.run(tx, invoice_id, now):
            revoked = InvoiceRevoked(invoice_id, found.act_id)
            await events.append(tx, revoked, by=SYSTEM, at=now)
    return True


async def compare_due(resources: Resources) -> int:
    """Compare the invoices whose turn it is with what the tax body knows; how many differ.

    At most 200 at a time, each once a day, while it differs once an hour.
    """
    now, db = resources.clock.now(), resources.db.payments
    due = await queries.TAKE_COMPARED.all(
        db, now, now + rules.COMPARE_SOON, now - rules.COMPARE_AFTER
    )
    if not due:
        return 0
    async with db.transaction() as tx:
        ours = await queries.COMPARED.all(tx, due)
    asked = [tax.TaxQuestion(one.seller_bin, one.number) for one in ours]
    try:
        theirs = await tax.known(resources.http, resources.config, asked)
    except SourceUnavailable:
        return 0  # told by the exchange; their turn comes again within the hour
    async with db.transaction() as tx:
        await queries.LOCK.run(tx)
        ours = await queries.COMPARED.all(tx, due)  # as they are now, and locked
        return await _settle(tx, resources, ours, theirs, now)


async def _settle(
    tx: Tx,
    resources: Resources,
    ours: list[Compared],
    theirs: dict[tuple[str, str], tax.TaxKnown],
    now: datetime,
) -> int:
    agreed: list[UUID] = []
    differing = 0
    for one in ours:
        known = theirs.get((one.seller_bin, one.number))
        found = rules.differs(one, known, resources.config.issuer_bin)
        if found is None:
            agreed.append(one.invoice_id)
            continue
        kind, detail = found
        differing += 1
        mended = await _mend(tx, one, kind, known, now)
        added = await queries.ADD_DIFFERENCE.run(
            tx, uuid7(), one.invoice_id, kind, detail, mended, now, now if mended else None
        )
        if added:
            differs = InvoiceDiffers(one.invoice_id, kind, mended)
            await events.append(tx, differs, by=SYSTEM, at=now)
    await queries.GONE.run(tx, agreed, now)
    await queries.CHECKED.run(tx, agreed, now + rules.COMPARE_EVERY)
    return differing


async def _mend(
    tx: Tx, one: Compared, kind: DifferenceKind, known: tax.TaxKnown | None, now: datetime
) -> bool:
    """Whether what differs could be put right here; the rest waits for a person, and stops the payment."""
    if kind is DifferenceKind.NOT_LINKED and known is not None:
        await queries.LINK.run(tx, one.invoice_id, now, known.registration_number)
        await queries.ACT_INVOICED.run(tx, one.act_id)
        linked = InvoiceConfirmed(one.invoice_id, one.act_id)
        await events.append(tx, linked, by=SYSTEM, at=now)
        return True
    if kind is DifferenceKind.REVOKED_AT_TAX and one.act_status in _IN_NO_REGISTER:
        await queries.REVOKED.run(tx, one.invoice_id, now)
        await queries.ACT_WITHOUT_INVOICE.run(tx, one.act_id)
        revoked = InvoiceRevoked(one.invoice_id, one.act_id)
        await events.append(tx, revoked, by=SYSTEM, at=now)
        return True
    return False


_IN_NO_REGISTER = frozenset({"SIGNED_BY_ISSUER", "INVOICED"})


async def differences(
    where: Executor, after: UUID | None, limit: int, *, only_open: bool
) -> list[Difference]:
    """What differs from the tax body's books, or did."""
    return await queries.DIFFERENCES.all(where, only_open, after, limit)
