"""SQL of suspensions."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.suspension.model import Suspension

ADD = Query[None](
    """
    INSERT INTO payments.suspension (
        suspension_id, executor_id, contract_id, act_id, ground, status, detected_at, remove_by,
        basis, basis_sha256, evidence_id
    )
    VALUES ($1, $2, $3, $4, $5, 'ACTIVE', $6, $7, $8, $9, $10)
    """
)
FIND = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, basis, resolution, resumed_at, terminated_from
      FROM payments.suspension
     WHERE suspension_id = $1 AND ($2::uuid IS NULL OR executor_id = $2)
    """
)
FIND_FOR_UPDATE = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, basis, resolution, resumed_at, terminated_from
      FROM payments.suspension
     WHERE suspension_id = $1
       FOR UPDATE
    """
)
LIST = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, basis, resolution, resumed_at, terminated_from
      FROM payments.suspension
     WHERE ($1::uuid IS NULL OR executor_id = $1)
       AND ($2::text IS NULL OR status = $2)
       AND ($3::uuid IS NULL OR suspension_id > $3)
     ORDER BY suspension_id
     LIMIT $4
    """
)
# RESOLVED and RESUMED are one moment here: the issuer's signature says both.
RESUME = Query[None](
    """
    UPDATE payments.suspension
       SET status = 'RESUMED', resolution = $2, resolution_sha256 = $3, resolved_evidence_id = $4,
           resumed_at = $5
     WHERE suspension_id = $1 AND status = 'ACTIVE'
    """
)
EXPIRE = Query[Suspension](
    """
    UPDATE payments.suspension s
       SET status = 'EXPIRED', terminated_from = s.remove_by + 1
      FROM (
        SELECT suspension_id FROM payments.suspension
         WHERE status = 'ACTIVE' AND remove_by < $1
         ORDER BY remove_by
         LIMIT 100
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE s.suspension_id = due.suspension_id
    RETURNING s.suspension_id, s.executor_id, s.contract_id, s.act_id, s.ground, s.status,
              s.detected_at, s.remove_by, s.basis, s.resolution, s.resumed_at, s.terminated_from
    """
)
PARTY = Query[UUID](
    """
    SELECT organisation_id
      FROM registry.organisation
     WHERE organisation_id = $1 AND kind = 'EXECUTOR'
       AND ($2::uuid IS NULL OR EXISTS (
           SELECT FROM allocation.contract WHERE contract_id = $2 AND executor_id = $1
       ))
    """
)
BY_HAND = "suspension_by_hand"

# A calendar that changed moves the term d7, and the last day to remove the cause with it.
FOLLOW_TERMS = Query[None](
    """
    UPDATE payments.suspension s
       SET remove_by = (t.due_at AT TIME ZONE '+05:00'::interval)::date
      FROM kernel.term t
     WHERE t.code = 'd7' AND t.subject = s.suspension_id AND s.status = 'ACTIVE'
       AND s.remove_by <> (t.due_at AT TIME ZONE '+05:00'::interval)::date
    """
)
