"""SQL of reports: the lines of one act, in order, a chunk at a time."""

from backend.kernel.db import Query
from backend.payments.report.model import Line

# $4: whether the insured's words may be told
LINES = Query[Line](
    """
    WITH lines AS (
        (
            SELECT c.line_no, c.service_record_id, c.service_code, c.line_id, c.service_date,
                   c.admitted_on, c.units, c.amount_tiyn, c.grade, c.errors, c.notes
              FROM payments.act_case c
             WHERE c.act_id = $1 AND c.line_no > $2
             ORDER BY c.line_no
             LIMIT $3
        )
        UNION ALL
        (
            SELECT s.line_no, s.service_record_id, s.service_code, s.line_id, s.service_date,
                   s.admitted_on, s.units, 0, NULL, s.errors, s.notes
              FROM payments.act_stray_line s
             WHERE s.act_id = $1 AND s.line_no > $2
             ORDER BY s.line_no
             LIMIT $3
        )
    )
    SELECT l.line_no, l.service_record_id, l.service_code, line.service_type, l.service_date,
           l.admitted_on, l.units, l.amount_tiyn, l.grade, l.errors, l.notes, marked.mark,
           marked.complaint_id
      FROM lines l
      LEFT JOIN allocation.plan_line line USING (line_id)
      LEFT JOIN payments.act_case_marked marked
        ON $4 AND marked.act_id = $1 AND marked.line_no = l.line_no
     ORDER BY l.line_no
     LIMIT $3
    """
)
