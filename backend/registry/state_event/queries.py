"""SQL of the journals of the state databases."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.state_event.model import (
    Annulled,
    EventView,
    Feed,
    FeedView,
    ReadyEvent,
    Subject,
    WaitingEvent,
)

# --- reading a journal --------------------------------------------------------------------------

FEED = Query[Feed](
    """
    SELECT source, cursor, drained, next_at, failures, reviewed_on, review_after
      FROM registry.state_feed
     WHERE source = $1
    """
)
LOCK_FEED = Query[Feed](
    """
    SELECT source, cursor, drained, next_at, failures, reviewed_on, review_after
      FROM registry.state_feed
     WHERE source = $1
       FOR UPDATE SKIP LOCKED
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.state_feed
       SET cursor = $2, drained = $3, answered_at = $4, next_at = $5, failures = 0
     WHERE source = $1
    """
)
FAILED = Query[None](
    "UPDATE registry.state_feed SET failures = failures + 1, next_at = $2 WHERE source = $1"
)
ORGANISATIONS = Query[Subject](
    """
    SELECT bin AS number, organisation_id FROM registry.organisation WHERE bin = ANY ($1::text[])
    """
)
# What comes a second time is passed over; what was taken back before it came is never applied.
ADD = Query[UUID](
    """
    INSERT INTO registry.state_event (
        source, event_id, sealed, kind, happened_on, registered_at, document, annuls, received_at,
        person_id, organisation_id, outcome
    )
    SELECT $1, event_id, sealed, kind, happened_on, registered_at, document::jsonb, annuls, $2,
           person_id, organisation_id,
           CASE WHEN outcome IN ('PENDING', 'WAITING', 'UNCLEAR') AND EXISTS (
                    SELECT FROM registry.state_event AS annulment
                     WHERE annulment.source = $1 AND annulment.annuls = new.event_id)
                THEN 'ANNULLED' ELSE outcome END
      FROM unnest(
               $3::uuid[], $4::bytea[], $5::text[], $6::date[], $7::timestamptz[], $8::text[],
               $9::uuid[], $10::uuid[], $11::uuid[], $12::text[]
           ) WITH ORDINALITY AS new (
               event_id, sealed, kind, happened_on, registered_at, document, annuls, person_id,
               organisation_id, outcome, line
           )
     ORDER BY line
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING event_id
    """
)
ANNUL = Query[None](
    """
    UPDATE registry.state_event SET outcome = 'ANNULLED', decided_at = $3
     WHERE source = $1 AND event_id = ANY ($2::uuid[])
       AND outcome IN ('PENDING', 'READY', 'HELD', 'WAITING', 'UNCLEAR')
    """
)
ANNULLED_TOO_LATE = Query[Annulled](
    """
    SELECT applied.event_id, annulment.event_id AS annulled_by, applied.person_id,
           applied.organisation_id
      FROM registry.state_event AS annulment
      JOIN registry.state_event AS applied
        ON applied.source = annulment.source AND applied.event_id = annulment.annuls
     WHERE annulment.source = $1 AND annulment.event_id = ANY ($2::uuid[])
       AND applied.outcome = 'BLOCKED'
    """
)

# --- weighing and applying ----------------------------------------------------------------------

TO_WEIGH = Query[bool](
    """
    SELECT EXISTS (SELECT FROM registry.state_event WHERE source = $1 AND outcome = 'PENDING')
       AND NOT EXISTS (SELECT FROM registry.state_event WHERE source = $1 AND outcome = 'HELD')
    """
)
FORM_RUN = Query[UUID](
    """
    UPDATE registry.state_event SET outcome = 'READY', run_id = $2
     WHERE source = $1 AND outcome = 'PENDING' AND event_id IN (
        SELECT event_id
          FROM registry.state_event
         WHERE source = $1 AND outcome = 'PENDING'
         ORDER BY place
         LIMIT $3
     )
    RETURNING event_id
    """
)
PERSONS_MET = Query[UUID](
    """
    SELECT DISTINCT person_id
      FROM registry.state_event
      JOIN registry.account USING (person_id)
     WHERE run_id = $1 AND account.status = 'OPEN'
    """
)
ORGANISATIONS_MET = Query[int](
    """
    SELECT count(DISTINCT organisation_id)
      FROM registry.state_event
      JOIN registry.organisation USING (organisation_id)
     WHERE run_id = $1 AND organisation.status = 'OPEN'
    """
)
SET_RUN = Query[None](
    """
    UPDATE registry.state_event SET outcome = $3, decided_at = $4
     WHERE run_id = $1 AND outcome = $2
    """
)
TAKE_READY = Query[ReadyEvent](
    """
    SELECT source, event_id, kind, document, person_id, organisation_id, run_id
      FROM registry.state_event
     WHERE source = $1 AND outcome = 'READY'
     ORDER BY place
     LIMIT $2
       FOR UPDATE SKIP LOCKED
    """
)
SETTLE = Query[None](
    """
    UPDATE registry.state_event AS event SET outcome = new.outcome, decided_at = $4
      FROM unnest($2::uuid[], $3::text[]) AS new (event_id, outcome)
     WHERE event.source = $1 AND event.event_id = new.event_id
    """
)

# --- the repair queue ---------------------------------------------------------------------------

WAITING = Query[WaitingEvent](
    """
    SELECT event_id, place, sealed
      FROM registry.state_event
     WHERE source = $1 AND outcome = 'WAITING' AND place > $2
     ORDER BY place
     LIMIT $3
    """
)
FOUND = Query[None](
    """
    UPDATE registry.state_event AS event
       SET person_id = new.person_id, organisation_id = new.organisation_id, outcome = 'PENDING'
      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[])
        AS new (event_id, person_id, organisation_id)
     WHERE event.source = $1 AND event.event_id = new.event_id AND event.outcome = 'WAITING'
       AND (new.organisation_id IS NOT NULL OR EXISTS (
            SELECT FROM registry.account
             WHERE account.person_id = new.person_id AND account.status <> 'NONE'))
    """
)
REVIEWED = Query[None](
    "UPDATE registry.state_feed SET review_after = $2, reviewed_on = $3 WHERE source = $1"
)
FOR_RESOLUTION = Query[str](
    """
    SELECT outcome FROM registry.state_event WHERE source = $1 AND event_id = $2 FOR UPDATE
    """
)
VIEW = Query[EventView](
    """
    SELECT source, event_id, place, kind, happened_on, registered_at, received_at, document,
           annuls, coalesce(person_id, organisation_id) AS account_id, outcome, run_id, decided_at
      FROM registry.state_event
     WHERE source = $1 AND event_id = $2
    """
)
PAGE = Query[EventView](
    """
    SELECT source, event_id, place, kind, happened_on, registered_at, received_at, document,
           annuls, coalesce(person_id, organisation_id) AS account_id, outcome, run_id, decided_at
      FROM registry.state_event
     WHERE source = $1 AND outcome = $2 AND place > $3
     ORDER BY place
     LIMIT $4
    """
)
FEEDS = Query[FeedView](
    """
    SELECT source, answered_at, next_at, failures,
           coalesce(events.pending, 0)::bigint AS pending,
           coalesce(events.held, 0)::bigint AS held,
           coalesce(events.waiting, 0)::bigint AS waiting,
           coalesce(events.unclear, 0)::bigint AS unclear
      FROM registry.state_feed
      LEFT JOIN (
        SELECT source,
               count(*) FILTER (WHERE outcome IN ('PENDING', 'READY')) AS pending,
               count(*) FILTER (WHERE outcome = 'HELD') AS held,
               count(*) FILTER (WHERE outcome = 'WAITING') AS waiting,
               count(*) FILTER (WHERE outcome = 'UNCLEAR') AS unclear
          FROM registry.state_event
         WHERE outcome IN ('PENDING', 'READY', 'HELD', 'WAITING', 'UNCLEAR')
         GROUP BY source
      ) AS events USING (source)
     ORDER BY source
    """
)
