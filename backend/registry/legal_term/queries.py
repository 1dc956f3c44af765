"""SQL of the legal clock."""

from backend.kernel.db import Query
from backend.registry.legal_term.model import Noticed, Running, TermRow

# $1 now, $2 a term that ends by then is due soon, $3 code, $4 state, $5 owners (null: everybody's),
# $6 $7 $8 the last row shown, $9 limit
LIST = Query[TermRow](
    """
    SELECT code, subject, owner, started_at, due_at, done_at, state
      FROM (
        SELECT code, subject, owner, started_at, due_at, done_at,
               CASE WHEN coalesce(done_at, $1) > due_at THEN 'BREACHED'
                    WHEN done_at IS NOT NULL THEN 'KEPT'
                    WHEN due_at <= $2 THEN 'DUE_SOON'
                    ELSE 'RUNNING' END AS state
          FROM kernel.term
         WHERE ($3::text IS NULL OR code = $3)
           AND ($5::text[] IS NULL OR owner = ANY ($5))
           AND ($6::timestamptz IS NULL OR (due_at, code, subject) > ($6, $7::text, $8::uuid))
      ) AS judged
     WHERE $4::text IS NULL OR state = $4
     ORDER BY due_at, code, subject
     LIMIT $9
    """
)
# $1 kind, $2 at, $3 due after, $4 due by, $5 not those begun since (null: all), $6 limit, $7 codes
# nobody is told of
NOTICE = Query[Noticed](
    """
    WITH found AS (
        SELECT t.code, t.subject, t.owner, t.due_at
          FROM kernel.term t
         WHERE t.done_at IS NULL
           AND t.due_at > $3
           AND t.due_at <= $4
           AND ($5::timestamptz IS NULL OR t.started_at < $5)
           AND t.code <> ALL ($7::text[])
           AND NOT EXISTS (
               SELECT 1 FROM kernel.term_notice n
                WHERE n.code = t.code AND n.subject = t.subject AND n.kind = $1)
         ORDER BY t.due_at
         LIMIT $6
    ), told AS (
        INSERT INTO kernel.term_notice (code, subject, kind, at)
        SELECT code, subject, $1, $2 FROM found
        ON CONFLICT DO NOTHING
        RETURNING code, subject
    )
    SELECT code, subject, owner, due_at
      FROM found
     WHERE (code, subject) IN (SELECT code, subject FROM told)
     ORDER BY due_at
    """
)
RUNNING = Query[Running](
    """
    SELECT DISTINCT code, (started_at AT TIME ZONE '+05:00'::interval)::date AS started_on
      FROM kernel.term
     WHERE done_at IS NULL AND due_at > $1
     ORDER BY code, started_on
    """
)
MOVE = Query[None](
    """
    UPDATE kernel.term t SET due_at = new.due_at
      FROM unnest($1::text[], $2::date[], $3::timestamptz[]) AS new (code, started_on, due_at)
     WHERE t.done_at IS NULL
       AND t.due_at > $4
       AND t.code = new.code
       AND (t.started_at AT TIME ZONE '+05:00'::interval)::date = new.started_on
       AND t.due_at <> new.due_at
    """
)
ORGANISATION = Query[str](
    "SELECT 'organisation:' || organisation_id FROM registry.organisation WHERE bin = $1"
)
