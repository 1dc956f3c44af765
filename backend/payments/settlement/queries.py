"""SQL of settlement."""

from uuid import UUID

from backend.kernel.db import Query

UNSETTLED = Query[UUID](
    """
    SELECT DISTINCT act_case.person_id
      FROM payments.act_case
      JOIN payments.act USING (act_id)
     WHERE act_case.person_id = ANY ($1::uuid[])
       AND act.status NOT IN ('CHECK_FAILED', 'CANCELLED', 'PAID')
    UNION
    SELECT executor_id
      FROM payments.act
     WHERE executor_id = ANY ($1::uuid[]) AND status NOT IN ('CHECK_FAILED', 'CANCELLED', 'PAID')
    """
)
