"""SQL of attachments."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.attachment.model import Attached, Attachment, Moved

# Of several attachments the one with the last `since` holds; of equal ones the last told.
ATTACH = Query[Attached](
    """
    INSERT INTO registry.attachment AS known (person_id, executor_id, facility_id, since)
    SELECT person_id, executor_id, facility_id, since
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[])
        AS new (person_id, executor_id, facility_id, since)
     ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE
       SET executor_id = EXCLUDED.executor_id, facility_id = EXCLUDED.facility_id,
           since = EXCLUDED.since
     WHERE EXCLUDED.since >= known.since
       AND (EXCLUDED.executor_id, EXCLUDED.facility_id) <> (known.executor_id, known.facility_id)
    RETURNING known.person_id, old.executor_id AS executor_before,
              old.facility_id AS facility_before, new.executor_id, new.facility_id
    """
)
MOVE_POLICIES = Query[Moved](
    """
    UPDATE registry.policy
       SET executor_id = new.executor_id
      FROM unnest($1::uuid[], $2::uuid[]) AS new (person_id, executor_id)
     WHERE policy.person_id = new.person_id
       AND policy.status IN ('ISSUED', 'CREDITED')
       AND policy.valid_to >= $3
       AND policy.executor_id IS DISTINCT FROM new.executor_id
    RETURNING policy.person_id, policy.policy_id, old.executor_id AS executor_before,
              new.executor_id
    """
)
OF_PERSON = Query[Attachment](
    """
    SELECT person_id, executor_id, facility_id, since
      FROM registry.attachment
     WHERE person_id = $1
    """
)
ENTERED = Query[UUID](
    """
    SELECT person_id
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.account USING (person_id)
     WHERE signal_mis_at IS NOT NULL
    """
)
