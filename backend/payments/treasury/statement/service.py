"""Read the Treasury's statements in order, and agree them with our orders, returns and transfers.

Each document is taken whole or not at all, once, by its number without gaps: kept byte for byte, its
entries compared, what follows from them done in the same transaction. What does not agree waits for a
person; what stops the reading is told by a gauge and by `GET /treasury/reconciliation`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from prometheus_client import Gauge

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.statement import queries, rules
from backend.payments.treasury.statement.errors import (
    BookingNotFound,
    BookingSettled,
    StatementNotFound,
)
from backend.payments.treasury.statement.events import (
    BookingDiffers,
    BookingExplained,
    StatementImported,
)
from backend.payments.treasury.statement.model import (
    Booking,
    BookingStatus,
    Effect,
    ExplainBooking,
    Outcome,
    Reconciliation,
    StatementRow,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.sources.treasury import service as treasury
from backend.sources.treasury.errors import AnswerUnreadable, TreasurySilent
from backend.sources.treasury.model import Movement, Statement

DOCUMENTS_AT_ONCE = 50  # of one turn; the next one follows in READ_AGAIN
STOPPED = Gauge("saqtau_statements_stopped", "1 when the Treasury's statements cannot be read on")
OPEN_BOOKINGS = Gauge("saqtau_bookings_open", "Bookings that do not agree and wait for a person")
log = logs.get("payments.statement")


class Problem(Exception):
    """Why a document is not taken; the text is a code."""


async def read_due(resources: Resources) -> int:
    """Read on when it is time; how many documents were taken."""
    now = resources.clock.now()
    if await queries.TAKE_TURN.one(resources.db.payments, now, now + rules.READ_AGAIN) is None:
        return 0
    return await read_on(resources)


async def read_on(resources: Resources) -> int:
    """Read what the Treasury has, in order; how many documents were taken. Safe to repeat."""
    taken = 0
    try:
        while taken < DOCUMENTS_AT_ONCE and await _take_next(resources):
            taken += 1
        STOPPED.set(0)
    except Problem as e:
        STOPPED.set(1)
        log.error("a statement is not taken", problem=str(e))
        await queries.FEED_PROBLEM.run(resources.db.payments, str(e), resources.clock.now())
    except TreasurySilent:
        pass  # told by the gateway; the next turn asks again
    await agree_again(resources)
    return taken


async def _take_next(resources: Resources) -> bool:
    feed = await queries.FEED.get(resources.db.payments)
    raw = await treasury.statement(resources.http, resources.config, feed.number + 1)
    if raw is None:
        return False
    try:
        found = treasury.read_statement(raw)
    except AnswerUnreadable:
        raise Problem("STATEMENT_UNREADABLE") from None
    await take(resources, found, raw)
    return True


async def take(resources: Resources, found: Statement, raw: bytes) -> bool:
    """Take one statement; False when it was taken before. Raises Problem."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        last = await queries.FEED_FOR_UPDATE.get(tx)
        if found.number <= last:
            return False
        await _require_next(tx, found, last)
        statement_id = uuid7()
        await queries.ADD.run(
            tx,
            statement_id,
            found.kind,
            found.account,
            found.number,
            found.document_id,
            found.made_at,
            found.day,
            found.opening_tiyn,
            found.closing_tiyn,
            len(found.movements),
            raw,
            now,
        )
        bookings = await _book(tx, found, now)
        await queries.ADD_ENTRIES.run(tx, statement_id, bookings)
        await queries.FEED_ON.run(tx, found.number)
        imported = StatementImported(statement_id, found.kind, found.number, len(bookings))
        await events.append(tx, imported, by=SYSTEM, at=now)
    return True


async def _require_next(tx: Tx, found: Statement, last: int) -> None:
    if found.number != last + 1:
        raise Problem("STATEMENT_GAP")
    if found.account not in await queries.ISSUER_ACCOUNTS.all(tx):
        raise Problem("STATEMENT_OF_ANOTHER_ACCOUNT")
    before = await queries.LAST_CLOSING.one(tx, found.account)
    if found.opening_tiyn is not None and before is not None and before != found.opening_tiyn:
        raise Problem("STATEMENT_BALANCE_BROKEN")


async def _book(tx: Tx, found: Statement, now: datetime) -> list[UUID]:
    """The booking of each entry, in order; the new ones compared and carried out."""
    references = [m.reference for m in found.movements]
    known = {k.reference: k for k in await queries.KNOWN.all(tx, found.account, references)}
    altered = [
        known[m.reference].booking_id
        for m in found.movements
        if m.reference in known and not rules.same(m, known[m.reference])
    ]
    if altered:
        await queries.ALTERED.run(tx, altered)
    ids = {reference: one.booking_id for reference, one in known.items()}
    fresh = [m for m in found.movements if m.reference not in known]
    ids |= {m.reference: uuid7() for m in fresh}
    outcomes = await _compare(tx, fresh)
    await queries.ADD_BOOKING.many(
        tx,
        [
            (
                ids[m.reference],
                found.account,
                m.reference,
                m.booked_on,
                m.direction,
                m.returned,
                m.amount_tiyn,
                m.end_to_end_id,
                m.reason,
                outcome.status,
                outcome.order_id,
                outcome.transfer_id,
                now,
            )
            for m, outcome in zip(fresh, outcomes, strict=True)
        ],
    )
    await _carry_out(tx, fresh, outcomes, now)
    await _tell(tx, [(ids[m.reference], m, o) for m, o in zip(fresh, outcomes, strict=True)], now)
    return [ids[reference] for reference in references]


async def _compare(tx: Tx, entries: Sequence[Movement]) -> list[Outcome]:
    """What each entry is, one after the other: the second of two alike finds the first booked."""
    names = [m.end_to_end_id for m in entries if m.end_to_end_id]
    await queries.LOCK_ORDERS.run(tx, names)
    orders = {o.message_id: o for o in await queries.ORDERS.all(tx, names)}
    transfers = {t.reference: t for t in await queries.TRANSFERS.all(tx, names)}
    outcomes = []
    for entry in entries:
        outcome = rules.compare(entry, orders, transfers)
        rules.remember(entry, outcome, orders, transfers)
        outcomes.append(outcome)
    return outcomes


async def _carry_out(
    tx: Tx, entries: Sequence[Movement], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """A booked payment is executed, one that came back returned; each order once, in order."""
    for entry, outcome in zip(entries, outcomes, strict=True):
        if outcome.effect is Effect.NOTHING or outcome.order_id is None:
            continue
        # read anew: the entry before may have executed the order this one gives back
        order = (await exchange.orders_of(tx, [outcome.order_id]))[outcome.order_id]
        if outcome.effect is Effect.EXECUTE:
            await exchange.execute(tx, order, now)
        else:
            await exchange.give_back(tx, order, entry.reason or "UNSTATED", now)


async def _tell(tx: Tx, booked: Sequence[tuple[UUID, Movement, Outcome]], now: datetime) -> None:
    differing = [
        BookingDiffers(booking_id, outcome.status, entry.direction, entry.amount_tiyn)
        for booking_id, entry, outcome in booked
        if outcome.status is not BookingStatus.MATCHED
    ]
    await events.append_many(tx, differing, by=SYSTEM, at=now)


async def agree_again(resources: Resources) -> int:
    """Compare anew what nothing of ours had the name of; how many agree now."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        waiting = await queries.UNMATCHED_FOR_UPDATE.all(tx)
        entries = [_entry(booking) for booking in waiting]
        outcomes = await _compare(tx, entries)
        changed = [
            (booking.booking_id, outcome.status, outcome.order_id, outcome.transfer_id)
            for booking, outcome in zip(waiting, outcomes, strict=True)
            if outcome.status is not BookingStatus.UNMATCHED
        ]
        await queries.SET_STATUS.many(tx, changed)
        await _carry_out(tx, entries, outcomes, now)
        counts = await queries.COUNTS.all(tx)
    OPEN_BOOKINGS.set(sum(c.bookings for c in counts if c.status not in _SETTLED))
    return sum(status is BookingStatus.MATCHED for _, status, _, _ in changed)


def _entry(booking: Booking) -> Movement:
    return Movement(
        reference=booking.reference,
        booked_on=booking.booked_on,
        direction=booking.direction,
        amount_tiyn=booking.amount_tiyn,
        returned=booking.returned,
        end_to_end_id=booking.end_to_end_id,
        reason=booking.reason,
    )


_SETTLED = frozenset({BookingStatus.MATCHED, BookingStatus.EXPLAINED})


async def explain(resources: Resources, actor: Actor, signed: Signed[ExplainBooking]) -> Booking:
    """An officer's signed word on what does not agree; the money is moved by nothing but documents.

    Raises BookingNotFound, BookingSettled, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        booking = await queries.FIND_FOR_UPDATE.one(tx, command.booking_id)
        if booking is None:
            raise BookingNotFound(path="$.booking_id")
        if booking.status in _SETTLED:
            raise BookingSettled(status=booking.status)
        evidence_id = await evidence.store(tx, signed)
        await queries.EXPLAIN.run(tx, command.booking_id, command.explanation, evidence_id, now)
        explained = BookingExplained(booking.booking_id, booking.status)
        await events.append(tx, explained, by=actor, at=now)
        found = await queries.FIND_FOR_UPDATE.one(tx, command.booking_id)
        assert found is not None, "it was locked above"
        return found


async def bookings(
    where: Executor, after: UUID | None, limit: int, *, only_open: bool
) -> list[Booking]:
    """Bookings in the order they were seen: those that wait for a person, or all."""
    query = queries.OPEN if only_open else queries.ALL
    return await query.all(where, after, limit)


async def statements(where: Executor, after: int, limit: int) -> list[StatementRow]:
    """Statements by number, those behind `after`."""
    return await queries.STATEMENTS.all(where, after, limit)


async def content(where: Executor, statement_id: UUID) -> bytes:
    """A statement byte for byte. Raises StatementNotFound."""
    found = await queries.CONTENT.one(where, statement_id)
    if found is None:
        raise StatementNotFound
    return found


async def reconciliation(where: Executor) -> Reconciliation:
    """Our books beside the Treasury's, in numbers."""
    feed = await queries.FEED.get(where)
    counts = await queries.COUNTS.all(where)
    closed_on = await queries.LAST_CLOSED.one(where)
    not_booked = [] if closed_on is None else await queries.NOT_BOOKED.all(where, closed_on)
    waiting = sum(c.bookings for c in counts if c.status not in _SETTLED)
    return Reconciliation(
        ok=not (feed.problem or waiting or not_booked),
        feed=feed,
        bookings=counts,
        not_booked=not_booked,
        closed_on=closed_on,
        closing_tiyn=await queries.CLOSING.one(where),
    )
