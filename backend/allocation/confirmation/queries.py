"""SQL of confirmations of applications."""

from uuid import UUID

from backend.allocation.confirmation.model import Asked, Confirmation, ManualRow
from backend.kernel.db import Query

_ASKED = """
    SELECT a.application_id, a.announcement_id, a.executor_id, o.bin AS number, a.status, a.contents
      FROM allocation.application a
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
"""
ASKED = Query[Asked](_ASKED + " WHERE a.application_id = $1")
# Waiting for a review with something nobody has answered since $1; accepted and not yet decided on, daily
# ($2): what was true then may be so no more.
DUE = Query[UUID](
    """
    SELECT a.application_id
      FROM allocation.application a
      JOIN allocation.announcement n USING (announcement_id)
      LEFT JOIN LATERAL (
        SELECT max(c.asked_at) AS asked_at, bool_or(c.status = 'UNKNOWN') AS silent
          FROM allocation.confirmation c WHERE c.application_id = a.application_id
      ) told ON true
     WHERE n.status IN ('PUBLISHED', 'ACCEPTING', 'CLOSED')
       AND (a.status IN ('SUBMITTED', 'UNDER_REVIEW')
            AND (told.asked_at IS NULL OR told.silent AND told.asked_at < $1)
         OR a.status = 'ACCEPTED' AND (told.asked_at IS NULL OR told.asked_at < $2))
     ORDER BY a.submitted_at, a.application_id
     LIMIT $3
    """
)
KEEP = Query[None](
    """
    INSERT INTO allocation.confirmation AS kept (
        application_id, kind, place, status, reason, debt_tiyn, untimely, as_of, asked_at
    )
    SELECT $1, kind, place, status, reason, debt_tiyn, untimely, as_of, $2
      FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::integer[],
                  $9::timestamptz[])
        AS new (kind, place, status, reason, debt_tiyn, untimely, as_of)
    ON CONFLICT (application_id, kind, place) DO UPDATE
       -- silence takes nothing back, and is asked again no sooner than an answer
       SET status = CASE WHEN EXCLUDED.status = 'UNKNOWN' THEN kept.status ELSE EXCLUDED.status END,
           reason = CASE WHEN EXCLUDED.status = 'UNKNOWN' THEN kept.reason ELSE EXCLUDED.reason END,
           debt_tiyn = CASE WHEN EXCLUDED.status = 'UNKNOWN' THEN kept.debt_tiyn ELSE EXCLUDED.debt_tiyn END,
           untimely = CASE WHEN EXCLUDED.status = 'UNKNOWN' THEN kept.untimely ELSE EXCLUDED.untimely END,
           as_of = CASE WHEN EXCLUDED.status = 'UNKNOWN' THEN kept.as_of ELSE EXCLUDED.as_of END,
           asked_at = EXCLUDED.asked_at
    """
)
OF_APPLICATION = Query[Confirmation](
    """
    SELECT kind, place, status, reason, debt_tiyn, untimely, as_of, asked_at
      FROM allocation.confirmation
     WHERE application_id = $1
     ORDER BY kind, place
    """
)
ADD_MANUAL = Query[None](
    """
    INSERT INTO allocation.manual_confirmation (
        application_id, place, document, evidence_id, taken_at
    )
    SELECT $1, place, document, $2, $3
      FROM unnest($4::integer[], $5::jsonb[]) AS new (place, document)
    """
)
MANUAL = Query[ManualRow](
    """
    SELECT place, document, taken_at
      FROM allocation.manual_confirmation
     WHERE application_id = $1
     ORDER BY place
    """
)
