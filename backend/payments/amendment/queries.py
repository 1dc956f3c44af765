"""SQL of the money of supplementary agreements."""

from backend.kernel.db import Query
from backend.payments.amendment.model import AmendedLine, AmendmentHead

HEAD = Query[AmendmentHead](
    """
    SELECT m.contract_id, m.change_id, change.plan_id, m.content
      FROM allocation.contract_amendment m JOIN allocation.plan_change change USING (change_id)
     WHERE m.amendment_id = $1
    """
)
# `waiting_tiyn`: what acts that passed their checks will take of the line once the issuer signs them.
LINES = Query[AmendedLine](
    """
    SELECT x.line_id, line.source, x.amount_after - x.amount_before AS more_tiyn,
           coalesce((
               SELECT sum(w.amount_tiyn)
                 FROM payments.act_line w JOIN payments.act USING (act_id)
                WHERE act.contract_id = m.contract_id AND act.status = 'CHECK_PASSED'
                  AND w.line_id = x.line_id
           ), 0)::bigint AS waiting_tiyn
      FROM allocation.contract_amendment_line x
      JOIN allocation.contract_amendment m USING (amendment_id)
      JOIN allocation.plan_line line USING (line_id)
     WHERE x.amendment_id = $1
     ORDER BY x.line_id
    """
)
