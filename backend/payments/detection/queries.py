"""SQL of rounds and of confirmed complaints."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.detection.model import (
    Confirmed,
    Feed,
    Finding,
    LicenceEvent,
    Limit,
    Open,
    Recorded,
    Round,
    Source,
    Weight,
)

# --- a round ------------------------------------------------------------------------------------

# One round a day and ground, and none while one is being asked.
START = Query[UUID](
    """
    INSERT INTO payments.detection_round (round_id, ground, day, status, started_at, asked)
    SELECT $1, $2, $3, 'ASKING', $4, 0
     WHERE NOT EXISTS (
        SELECT FROM payments.detection_round
         WHERE ground = $2 AND (day >= $3 OR status = 'ASKING')
     )
    ON CONFLICT DO NOTHING
    RETURNING round_id
    """
)
# Every executor with something payable that is not suspended on that ground already.
FILL = Query[None](
    """
    INSERT INTO payments.detection_question (round_id, executor_id)
    SELECT $1, o.organisation_id
      FROM registry.organisation o
     WHERE o.kind = 'EXECUTOR'
       AND EXISTS (
           SELECT FROM payments.payable_contract c WHERE c.executor_id = o.organisation_id
       )
       AND NOT EXISTS (
           SELECT FROM payments.suspension s
            WHERE s.executor_id = o.organisation_id AND s.ground = $2 AND s.status = 'ACTIVE'
              AND s.contract_id IS NULL
       )
    """
)
COUNTED = Query[None]("UPDATE payments.detection_round SET asked = $2 WHERE round_id = $1")
ASKING = Query[Open](
    """
    SELECT round_id, ground, day
      FROM payments.detection_round
     WHERE ground = $1 AND status = 'ASKING'
       FOR UPDATE SKIP LOCKED
    """
)
# The next portion, the least tried first, while the source is not left alone.
CLAIM = Query[UUID](
    """
    UPDATE payments.detection_question q
       SET tries = q.tries + 1, asked_at = $2
      FROM (
        SELECT waiting.round_id, waiting.executor_id
          FROM payments.detection_question waiting
          JOIN payments.detection_round r USING (round_id)
          JOIN payments.detection_source s USING (ground)
         WHERE r.ground = $1 AND r.status = 'ASKING' AND s.ask_after <= $2
           AND waiting.answered_at IS NULL
           AND (waiting.asked_at IS NULL OR waiting.asked_at < $3)
         ORDER BY waiting.tries, waiting.executor_id
         LIMIT (SELECT portion FROM payments.detection_source WHERE ground = $1)
           FOR UPDATE OF waiting SKIP LOCKED
      ) portion
     WHERE q.round_id = portion.round_id AND q.executor_id = portion.executor_id
    RETURNING q.executor_id
    """
)
ANSWERED = Query[None](
    """
    UPDATE payments.detection_question q
       SET answered_at = $2, as_of = new.as_of, facts = new.facts
      FROM unnest($3::uuid[], $4::timestamptz[], $5::jsonb[]) AS new (executor_id, as_of, facts)
      JOIN payments.detection_round r ON r.ground = $1 AND r.status = 'ASKING'
     WHERE q.round_id = r.round_id AND q.executor_id = new.executor_id AND q.answered_at IS NULL
    """
)
RELEASE_CLAIM = Query[None](
    """
    UPDATE payments.detection_question q SET asked_at = NULL
      FROM payments.detection_round r
     WHERE q.round_id = r.round_id AND r.ground = $1 AND r.status = 'ASKING'
       AND q.executor_id = ANY ($2::uuid[]) AND q.answered_at IS NULL
    """
)
SOURCE_ANSWERED = Query[None](
    """
    UPDATE payments.detection_source
       SET failures = 0, silent_since = NULL, portion = least(portion * 2, $2)
     WHERE ground = $1 AND (failures > 0 OR portion < $2)
    """
)
SOURCE_FAILED = Query[int](
    """
    UPDATE payments.detection_source
       SET failures = failures + 1, silent_since = coalesce(silent_since, $2),
           portion = greatest(portion / 2, 1)
     WHERE ground = $1
    RETURNING failures
    """
)
LEAVE_ALONE = Query[None]("UPDATE payments.detection_source SET ask_after = $2 WHERE ground = $1")
SOURCES = Query[Source](
    """
    SELECT ground, false AS connected, failures, ask_after, silent_since
      FROM payments.detection_source
     ORDER BY ground
    """
)

# --- its end ------------------------------------------------------------------------------------

WAITING = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM payments.detection_question WHERE round_id = $1 AND answered_at IS NULL
    )
    """
)
# Who gave cause, but for those suspended on the ground meanwhile. $3 bounds what is shown.
FINDINGS = Query[Finding](
    """
    SELECT q.executor_id,
           (SELECT count(*) FROM payments.payable_contract c
             WHERE c.executor_id = q.executor_id) AS contracts,
           q.facts
      FROM payments.detection_question q
     WHERE q.round_id = $1 AND q.facts IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM payments.suspension s
            WHERE s.executor_id = q.executor_id AND s.ground = $2 AND s.status = 'ACTIVE'
              AND s.contract_id IS NULL
       )
     ORDER BY q.executor_id
     LIMIT $3
    """
)
# $2: contracts that would freeze now; $3: since when what went unasked counts.
WEIGHT = Query[Weight](
    """
    SELECT r.asked,
           (SELECT count(*) FROM payments.detection_question q
             WHERE q.round_id = r.round_id AND q.answered_at IS NULL) AS unknown,
           (SELECT count(*) FROM payments.detection_question q
             WHERE q.round_id = r.round_id AND q.facts IS NOT NULL) AS found,
           $2::bigint AS contracts,
           (SELECT coalesce(sum(earlier.contracts), 0) FROM payments.detection_round earlier
             WHERE earlier.status = 'APPLIED' AND earlier.concluded_at > $3) AS passed,
           (SELECT count(*) FROM payments.payable_contract) AS total_contracts,
           l.share_milli, l.minimum
      FROM payments.detection_round r CROSS JOIN payments.detection_limit l
     WHERE r.round_id = $1
    """
)
# Two rounds are weighed one after the other, so that both do not pass under one limit. 7105208.
LOCK_BRAKE = Query[None]("SELECT pg_advisory_xact_lock(7105208)")
CONCLUDE = Query[None](
    """
    UPDATE payments.detection_round
       SET status = $2, concluded_at = $3, unknown = $4, found = $5, contracts = $6, passed = $7,
           total_contracts = $8, share_milli = $9, minimum = $10, sha256 = $11
     WHERE round_id = $1
    """
)
SUPERSEDE = Query[None](
    """
    UPDATE payments.detection_round SET status = 'SUPERSEDED'
     WHERE ground = $1 AND status = 'HELD' AND round_id <> $2
    """
)
DECIDE = Query[None](
    """
    UPDATE payments.detection_round
       SET status = $2, decided_at = $3, decided_by = $4, evidence_id = $5, reason = $6
     WHERE round_id = $1
    """
)

# --- reading ------------------------------------------------------------------------------------

FIND = Query[Round](
    """
    SELECT round_id, ground, day, status, started_at, asked,
           (SELECT count(*) FROM payments.detection_question q
             WHERE q.round_id = r.round_id AND q.answered_at IS NOT NULL) AS answered,
           concluded_at, unknown, found, contracts, passed, total_contracts, share_milli, minimum,
           sha256, decided_at, reason
      FROM payments.detection_round r
     WHERE round_id = $1
    """
)
LOCK = Query[UUID]("SELECT round_id FROM payments.detection_round WHERE round_id = $1 FOR UPDATE")
PAGE = Query[Round](
    """
    SELECT round_id, ground, day, status, started_at, asked,
           (SELECT count(*) FROM payments.detection_question q
             WHERE q.round_id = r.round_id AND q.answered_at IS NOT NULL) AS answered,
           concluded_at, unknown, found, contracts, passed, total_contracts, share_milli, minimum,
           sha256, decided_at, reason
      FROM payments.detection_round r
     WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR round_id < $2)
     ORDER BY round_id DESC
     LIMIT $3
    """
)
LIMIT = Query[Limit]("SELECT share_milli, minimum FROM payments.detection_limit")
SET_LIMIT = Query[None](
    """
    UPDATE payments.detection_limit
       SET share_milli = $1, minimum = $2, changed_at = $3, evidence_id = $4
    """
)

# --- complaints ---------------------------------------------------------------------------------

# Two complaints of one executor are counted one after the other.
LOCK_EXECUTOR = Query[None](
    "SELECT pg_advisory_xact_lock(hashtextextended('S4:' || $1::uuid::text, 0))"
)
CONFIRM = Query[UUID](
    """
    INSERT INTO payments.confirmed_complaint (
        complaint_id, executor_id, ground, financial_year, counted_at
    )
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (complaint_id) DO NOTHING
    RETURNING complaint_id
    """
)
CONFIRMED = Query[Confirmed](
    """
    SELECT ground, count(*) AS count
      FROM payments.confirmed_complaint
     WHERE executor_id = $1 AND financial_year = $2
     GROUP BY ground
     ORDER BY ground
    """
)
OF_PROTOCOL = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM payments.suspension
         WHERE executor_id = $1 AND ground = 'S1' AND facts ->> 'protocol_id' = $2
    )
    """
)

# --- the journal of permits ---------------------------------------------------------------------

FEED = Query[Feed]("SELECT cursor, next_at, failures FROM payments.licence_feed")
LOCK_FEED = Query[Feed]("SELECT cursor, next_at, failures FROM payments.licence_feed FOR UPDATE")
ADVANCE = Query[None]("UPDATE payments.licence_feed SET cursor = $1, next_at = $2, failures = 0")
FEED_FAILED = Query[None]("UPDATE payments.licence_feed SET next_at = $1, failures = failures + 1")
RECORD = Query[Recorded](
    """
    INSERT INTO payments.licence_event (
        event_id, executor_id, kind, happened_on, registered_at, document, annuls, received_at
    )
    SELECT DISTINCT ON (new.event_id)
           new.event_id, o.organisation_id, new.kind, new.happened_on, new.registered_at,
           new.document, new.annuls, $1
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::timestamptz[], $7::jsonb[],
                  $8::uuid[])
        AS new (event_id, number, kind, happened_on, registered_at, document, annuls)
      JOIN registry.organisation o ON o.bin = new.number AND o.kind = 'EXECUTOR'
     ORDER BY new.event_id
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id, executor_id, kind, happened_on
    """
)
LICENCE_EVENTS = Query[LicenceEvent](
    """
    SELECT e.event_id, e.executor_id, e.kind, e.happened_on, e.registered_at, e.document,
           e.received_at, (e.received_at AT TIME ZONE '+05:00'::interval)::date AS received_on,
           EXISTS (
               SELECT FROM payments.licence_event a WHERE a.annuls = e.event_id
           ) AS annulled,
           EXISTS (
               SELECT FROM payments.termination t
                WHERE t.executor_id = e.executor_id AND t.ground = 'T1' AND t.status <> 'WITHDRAWN'
                  AND t.document ->> 'number' = e.document ->> 'number'
           ) AS stopped
      FROM payments.licence_event e
     WHERE ($1::uuid IS NULL OR e.executor_id = $1)
       AND ($2::uuid IS NULL OR (e.received_at, e.event_id) < (
           SELECT b.received_at, b.event_id FROM payments.licence_event b WHERE b.event_id = $2
       ))
     ORDER BY e.received_at DESC, e.event_id DESC
     LIMIT $3
    """
)
