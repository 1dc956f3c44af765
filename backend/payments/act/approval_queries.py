"""SQL of the issuer's signature under an act, and of the coverage it uses."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.act.model import ActRow, CoverageUse, LineSum

FOR_APPROVAL = Query[ActRow](
    """
    SELECT act.act_id, act.contract_id, act.executor_id, act.source, act.status, act.seq_no,
           act.total_tiyn, act.cases, act.content_sha256,
           (SELECT reason FROM payments.frozen_act f WHERE f.act_id = act.act_id) AS frozen
      FROM payments.act
     WHERE act.act_id = $1
       FOR UPDATE OF act
    """
)
# The first act before this one that waits and could be signed.
EARLIER = Query[int](
    """
    SELECT act.seq_no
      FROM payments.act JOIN payments.frozen_act f USING (act_id)
     WHERE act.status = 'CHECK_PASSED' AND act.seq_no < $1
       AND f.reason IS NULL AND act.held IS NULL
     ORDER BY act.seq_no
     LIMIT 1
    """
)
SKIP_EARLIER = Query[None](
    """
    INSERT INTO payments.act_skip (act_id, reason, by_act_id, skipped_at)
    SELECT act.act_id, coalesce(f.reason, act.held), $2, $3
      FROM payments.act JOIN payments.frozen_act f USING (act_id)
     WHERE act.status = 'CHECK_PASSED' AND act.seq_no < $1
       AND coalesce(f.reason, act.held) IS NOT NULL
    ON CONFLICT (act_id, reason) DO NOTHING
    """
)
LINES = Query[LineSum](
    "SELECT line_id, amount_tiyn FROM payments.act_line WHERE act_id = $1 ORDER BY line_id"
)
SIGN = Query[None](
    """
    UPDATE payments.act
       SET status = 'SIGNED_BY_ISSUER', issuer_evidence_id = $2, signed_at = $3, held = NULL
     WHERE act_id = $1 AND status = 'CHECK_PASSED'
    """
)
HOLD = Query[None](
    "UPDATE payments.act SET held = $2 WHERE act_id = $1 AND status = 'CHECK_PASSED'"
)
INSURED = Query[UUID]("SELECT DISTINCT person_id FROM payments.act_case WHERE act_id = $1")
COVERAGE_USES = Query[CoverageUse](
    """
    SELECT line_no, person_id, case_id, service_code, line_id, units, amount_tiyn, service_date
      FROM payments.act_case
     WHERE act_id = $1 AND line_no > $2
     ORDER BY line_no
     LIMIT $3
    """
)
