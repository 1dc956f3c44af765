"""SQL of the words of the insured, under the role of the citizens' wing."""

from backend.kernel.db import Query
from backend.payments.mark.model import LineMark, OwnLine

OWN_LINE = Query[OwnLine](
    """
    SELECT c.act_id, act.executor_id, act.status, said.mark, said.complaint_id
      FROM payments.act_case c
      JOIN payments.act USING (act_id)
      LEFT JOIN LATERAL (
          SELECT m.mark, m.complaint_id
            FROM payments.act_case_mark m
           WHERE m.person_id = c.person_id AND m.case_id = c.case_id
           ORDER BY m.seq DESC
           LIMIT 1
      ) said ON true
     WHERE c.person_id = $1 AND c.case_id = $2
    """
)
ADD_MARK = Query[None](
    """
    INSERT INTO payments.act_case_mark (
        person_id, case_id, mark, complaint_id, marked_by, marked_at
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
MARKS = Query[LineMark](
    """
    SELECT seq, mark, complaint_id, marked_by, marked_at
      FROM payments.act_case_mark
     WHERE person_id = $1 AND case_id = $2
     ORDER BY seq
    """
)
MARK_OPEN = "act_case_mark_open"
