"""SQL of cancelling acts."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.cancellation.model import Cancellation, CancelledAct

# First, in a statement of its own: what is asked after it sees the e-invoice that held the lock before.
LOCK_ACT = Query[UUID]("SELECT act_id FROM payments.act WHERE act_id = $1 FOR UPDATE")
# $2: the executor whose act it must be, or NULL for the issuer
OWN_ACT = Query[CancelledAct](
    """
    SELECT act.act_id, act.contract_id, act.executor_id, act.source, act.status,
           act.content_sha256, act.cases, act.total_tiyn,
           EXISTS (SELECT FROM payments.e_invoice i
                    WHERE i.act_id = act.act_id AND i.status <> 'REVOKED') AS invoiced
      FROM payments.act
     WHERE act.act_id = $1 AND ($2::uuid IS NULL OR act.executor_id = $2)
    """
)
PROPOSE = Query[None](
    """
    INSERT INTO payments.act_cancellation (act_id, reason, proposed_at, evidence_id)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (act_id) DO NOTHING
    """
)
CARRY_OUT = Query[None](
    """
    UPDATE payments.act_cancellation
       SET cancelled_at = $2, issuer_evidence_id = $3
     WHERE act_id = $1 AND cancelled_at IS NULL
    """
)
CANCEL = Query[None](
    """
    UPDATE payments.act SET status = 'CANCELLED', held = NULL
     WHERE act_id = $1 AND status IN ('CHECK_PASSED', 'SIGNED_BY_ISSUER')
    """
)
FIND = Query[Cancellation](
    """
    SELECT c.act_id, c.reason, c.proposed_at, c.cancelled_at
      FROM payments.act_cancellation c
      JOIN payments.act USING (act_id)
     WHERE c.act_id = $1 AND ($2::uuid IS NULL OR act.executor_id = $2)
    """
)
