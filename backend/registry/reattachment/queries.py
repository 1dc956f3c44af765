"""SQL of the nightly looking over, for a chunk of persons at a time."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.reattachment.model import (
    Found,
    Night,
    Progress,
    Reattachment,
    ReattachmentSummary,
)

BEGUN = Query[bool]("SELECT EXISTS (SELECT FROM registry.reevaluation WHERE day = $1)")
BEGIN = Query[None](
    """
    INSERT INTO registry.reevaluation (day, started_at) VALUES ($1, $2)
    ON CONFLICT (day) DO NOTHING
    """
)
PROGRESS = Query[Progress](
    """
    SELECT day, after, started_at, finished_at
      FROM registry.reevaluation
     WHERE day = $1
       FOR UPDATE
    """
)
NEXT_PERSONS = Query[UUID](
    """
    SELECT person_id
      FROM registry.account
     WHERE person_id > $1
     ORDER BY person_id
     LIMIT $2
    """
)
# Both signals are there and the account is not open: the second one was lost on its way (D11).
OPEN_DUE = Query[UUID](
    """
    UPDATE registry.account
       SET status = 'OPEN', opened_at = $3
     WHERE person_id > $1 AND person_id <= $2 AND status = 'NONE'
       AND signal_mis_at IS NOT NULL AND signal_visit_at IS NOT NULL
    RETURNING person_id
    """
)
DRIFTED = Query[UUID](
    """
    SELECT DISTINCT policy.person_id
      FROM registry.policy
      LEFT JOIN registry.attachment ON attachment.person_id = policy.person_id
     WHERE policy.person_id > $1 AND policy.person_id <= $2
       AND policy.status IN ('ISSUED', 'CREDITED') AND policy.valid_to >= $3
       AND policy.executor_id IS DISTINCT FROM attachment.executor_id
    """
)
RESOLVE = Query[None](
    """
    UPDATE registry.reattachment AS listed
       SET resolved_at = $3
     WHERE listed.person_id > $1 AND listed.person_id <= $2 AND listed.resolved_at IS NULL
       AND NOT EXISTS (
               SELECT
                 FROM registry.attachment
                 JOIN registry.organisation ON organisation_id = attachment.executor_id
                 JOIN registry.facility USING (facility_id)
                WHERE attachment.person_id = listed.person_id
                  AND attachment.executor_id = listed.executor_id
                  AND attachment.facility_id = listed.facility_id
                  AND listed.reason = CASE WHEN organisation.status <> 'OPEN'
                                           THEN 'EXECUTOR_' || organisation.status
                                           WHEN facility.closed_on <= $4
                                           THEN 'FACILITY_CLOSED' END
           )
    """
)
LIST = Query[None](
    """
    INSERT INTO registry.reattachment (person_id, found_at, executor_id, facility_id, reason)
    SELECT attachment.person_id, $3, attachment.executor_id, attachment.facility_id,
           CASE WHEN organisation.status <> 'OPEN' THEN 'EXECUTOR_' || organisation.status
                ELSE 'FACILITY_CLOSED' END
      FROM registry.attachment
      JOIN registry.organisation ON organisation_id = attachment.executor_id
      JOIN registry.facility USING (facility_id)
     WHERE attachment.person_id > $1 AND attachment.person_id <= $2
       AND (organisation.status <> 'OPEN' OR facility.closed_on <= $4)
    ON CONFLICT (person_id) WHERE resolved_at IS NULL DO NOTHING
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.reevaluation
       SET after = $2, persons = persons + $3, opened = opened + $4, moved = moved + $5,
           listed = listed + $6, resolved = resolved + $7
     WHERE day = $1
    """
)
FINISH = Query[None](
    """
    UPDATE registry.reevaluation SET finished_at = $2, repaired = $3
     WHERE day = $1 AND finished_at IS NULL
    """
)
FOUND = Query[Found](
    """
    SELECT executor_id, reason, count(*) AS persons
      FROM registry.reattachment
     WHERE resolved_at IS NULL AND found_at >= $1
     GROUP BY executor_id, reason
     ORDER BY executor_id, reason
    """
)
SUMMARY = Query[ReattachmentSummary](
    """
    SELECT executor_id, organisation.name AS executor_name, reason, count(*) AS persons,
           min(found_at) AS oldest_at
      FROM registry.reattachment
      JOIN registry.organisation ON organisation_id = executor_id
     WHERE resolved_at IS NULL
     GROUP BY executor_id, organisation.name, reason
     ORDER BY persons DESC, executor_id, reason
    """
)
PAGE = Query[Reattachment](
    """
    SELECT person_id, executor_id, facility_id, reason, found_at
      FROM registry.reattachment
     WHERE resolved_at IS NULL AND ($1::uuid IS NULL OR executor_id = $1)
       AND ($2::uuid IS NULL OR person_id > $2)
     ORDER BY person_id
     LIMIT $3
    """
)
NIGHTS = Query[Night](
    """
    SELECT day, persons, opened, moved, listed, resolved, repaired, started_at, finished_at
      FROM registry.reevaluation
     ORDER BY day DESC
     LIMIT $1
    """
)
