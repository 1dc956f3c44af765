"""SQL of statements and bookings."""

from datetime import date
from uuid import UUID

from backend.kernel.db import Query
from backend.payments.treasury.statement.model import (
    Booking,
    Feed,
    Known,
    OrderOf,
    StatementRow,
    StatusCount,
    TransferOf,
)

TAKE_TURN = Query[int](
    "UPDATE payments.statement_feed SET next_at = $2 WHERE next_at <= $1 RETURNING number"
)
FEED = Query[Feed]("SELECT number, problem, problem_at FROM payments.statement_feed")
FEED_FOR_UPDATE = Query[int]("SELECT number FROM payments.statement_feed FOR UPDATE")
FEED_ON = Query[None](
    "UPDATE payments.statement_feed SET number = $1, problem = NULL, problem_at = NULL"
)
# The first time counts: a problem is as old as it is.
FEED_PROBLEM = Query[None](
    """
    UPDATE payments.statement_feed SET problem = $1, problem_at = $2
     WHERE problem IS DISTINCT FROM $1
    """
)
ISSUER_ACCOUNTS = Query[str](
    """
    SELECT account ->> 'iban'
      FROM registry.organisation, jsonb_array_elements(requisites) account
     WHERE kind = 'ISSUER' AND (account ->> 'treasury')::boolean
    """
)
LAST_CLOSING = Query[int](
    """
    SELECT closing_tiyn FROM payments.statement
     WHERE account = $1 AND kind = 'camt.053'
     ORDER BY number DESC
     LIMIT 1
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.statement (
        statement_id, kind, account, number, document_id, made_at, day, opening_tiyn, closing_tiyn,
        entries, content, sha256, imported_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, sha256($11), $12)
    """
)
KNOWN = Query[Known](
    """
    SELECT booking_id, reference, booked_on, direction, returned, amount_tiyn, end_to_end_id
      FROM payments.booking
     WHERE account = $1 AND reference = ANY ($2::text[])
    """
)
# Locked by number of order, so that two who read at once do not wait for each other in a ring.
LOCK_ORDERS = Query[None](
    """
    SELECT FROM payments.payment_order
     WHERE message_id = ANY ($1::text[])
     ORDER BY order_id
       FOR UPDATE
    """
)
ORDERS = Query[OrderOf](
    """
    SELECT p.order_id, p.message_id, p.status, p.amount_tiyn,
           EXISTS (SELECT FROM payments.booking b
                    WHERE b.order_id = p.order_id AND b.status = 'MATCHED' AND NOT b.returned) AS booked,
           EXISTS (SELECT FROM payments.booking b
                    WHERE b.order_id = p.order_id AND b.status = 'MATCHED' AND b.returned) AS booked_back
      FROM payments.payment_order p
     WHERE p.message_id = ANY ($1::text[])
    """
)
TRANSFERS = Query[TransferOf](
    """
    SELECT t.transfer_id, t.reference, t.amount_tiyn,
           EXISTS (SELECT FROM payments.booking b
                    WHERE b.transfer_id = t.transfer_id AND b.status = 'MATCHED') AS booked
      FROM payments.funding_transfer t
     WHERE t.reference = ANY ($1::text[]) AND t.destination = 'kbsh'
    """
)
ADD_BOOKING = Query[None](
    """
    INSERT INTO payments.booking (
        booking_id, account, reference, booked_on, direction, returned, amount_tiyn, end_to_end_id,
        reason, status, order_id, transfer_id, seen_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    """
)
ADD_ENTRIES = Query[None](
    """
    INSERT INTO payments.statement_entry (statement_id, no, booking_id)
    SELECT $1, no, booking_id FROM unnest($2::uuid[]) WITH ORDINALITY AS told (booking_id, no)
    """
)
ALTERED = Query[None](
    """
    UPDATE payments.booking SET status = 'ALTERED'
     WHERE booking_id = ANY ($1::uuid[]) AND status <> 'EXPLAINED'
    """
)
OPEN = Query[Booking](
    """
    SELECT booking_id, account, reference, booked_on, direction, returned, amount_tiyn,
           end_to_end_id, reason, status, order_id, transfer_id, seen_at, explanation, explained_at
      FROM payments.booking
     WHERE status NOT IN ('MATCHED', 'EXPLAINED') AND ($1::uuid IS NULL OR booking_id > $1)
     ORDER BY booking_id
     LIMIT $2
    """
)
ALL = Query[Booking](
    """
    SELECT booking_id, account, reference, booked_on, direction, returned, amount_tiyn,
           end_to_end_id, reason, status, order_id, transfer_id, seen_at, explanation, explained_at
      FROM payments.booking
     WHERE $1::uuid IS NULL OR booking_id > $1
     ORDER BY booking_id
     LIMIT $2
    """
)
FIND_FOR_UPDATE = Query[Booking](
    """
    SELECT booking_id, account, reference, booked_on, direction, returned, amount_tiyn,
           end_to_end_id, reason, status, order_id, transfer_id, seen_at, explanation, explained_at
      FROM payments.booking
     WHERE booking_id = $1
       FOR UPDATE
    """
)
# What nothing of ours had the name of may have got its order or transfer since.
UNMATCHED_FOR_UPDATE = Query[Booking](
    """
    SELECT booking_id, account, reference, booked_on, direction, returned, amount_tiyn,
           end_to_end_id, reason, status, order_id, transfer_id, seen_at, explanation, explained_at
      FROM payments.booking
     WHERE status = 'UNMATCHED'
     ORDER BY booking_id
     LIMIT 500
       FOR UPDATE SKIP LOCKED
    """
)
SET_STATUS = Query[None](
    """
    UPDATE payments.booking SET status = $2, order_id = $3, transfer_id = $4 WHERE booking_id = $1
    """
)
EXPLAIN = Query[None](
    """
    UPDATE payments.booking
       SET status = 'EXPLAINED', explanation = $2, evidence_id = $3, explained_at = $4
     WHERE booking_id = $1
    """
)
STATEMENTS = Query[StatementRow](
    """
    SELECT statement_id, kind, account, number, document_id, made_at, day, opening_tiyn,
           closing_tiyn, entries, encode(sha256, 'hex') AS sha256, imported_at
      FROM payments.statement
     WHERE number > $1
     ORDER BY number
     LIMIT $2
    """
)
CONTENT = Query[bytes]("SELECT content FROM payments.statement WHERE statement_id = $1")
COUNTS = Query[StatusCount](
    """
    SELECT status, count(*) AS bookings, sum(amount_tiyn)::bigint AS amount_tiyn
      FROM payments.booking
     GROUP BY status
     ORDER BY status
    """
)
LAST_CLOSED = Query[date]("SELECT max(day) FROM payments.statement")
CLOSING = Query[int](
    """
    SELECT closing_tiyn FROM payments.statement
     WHERE kind = 'camt.053'
     ORDER BY number DESC
     LIMIT 1
    """
)
# Orders that ended on a day the statements have closed, and that no statement names.
NOT_BOOKED = Query[UUID](
    """
    SELECT p.order_id
      FROM payments.payment_order p
     WHERE p.status = 'EXECUTED'
       AND (p.finished_at AT TIME ZONE INTERVAL '+05:00')::date <= $1
       AND NOT EXISTS (
           SELECT FROM payments.booking b WHERE b.order_id = p.order_id AND NOT b.returned
       )
     ORDER BY p.order_id
     LIMIT 100
    """
)
