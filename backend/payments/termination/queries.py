"""SQL of terminations."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.suspension.model import Change
from backend.payments.termination.model import Rest, StoppedAct, Termination

# Contracts under which there can be something to pay; the rows are locked against each other's ending.
CONTRACTS = Query[UUID](
    """
    SELECT contract_id
      FROM allocation.contract
     WHERE executor_id = $1 AND ($2::uuid IS NULL OR contract_id = $2)
       AND status IN ('SIGNED', 'EXPIRED', 'TERMINATED_BY_ISSUER')
     ORDER BY contract_id
       FOR NO KEY UPDATE
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.termination (
        termination_id, executor_id, ground, status, detected_at, effective_from, basis, document,
        protocol_id, evidence_id
    )
    VALUES ($1, $2, $3, 'OPEN', $4, $5, $6, $7, $8, $9)
    """
)
ADD_CONTRACTS = Query[None](
    """
    INSERT INTO payments.termination_contract (termination_id, contract_id)
    SELECT $1, contract_id FROM unnest($2::uuid[]) AS contract_id
    """
)
# T3: each suspension that ran out stops payment under its contract, or under all of its executor's.
ADD_EXPIRED = Query[None](
    """
    INSERT INTO payments.termination (
        termination_id, executor_id, ground, status, detected_at, effective_from, basis, suspension_id
    )
    SELECT new.termination_id, s.executor_id, 'T3', 'OPEN', $3, s.terminated_from, s.basis,
           s.suspension_id
      FROM unnest($1::uuid[], $2::uuid[]) AS new (termination_id, suspension_id)
      JOIN payments.suspension s USING (suspension_id)
    """
)
ADD_EXPIRED_CONTRACTS = Query[None](
    """
    INSERT INTO payments.termination_contract (termination_id, contract_id)
    SELECT t.termination_id, c.contract_id
      FROM payments.termination t
      JOIN payments.suspension s USING (suspension_id)
      JOIN allocation.contract c
        ON c.executor_id = s.executor_id AND (s.contract_id IS NULL OR s.contract_id = c.contract_id)
       AND c.status IN ('SIGNED', 'EXPIRED', 'TERMINATED_BY_ISSUER')
     WHERE t.termination_id = ANY ($1::uuid[])
    """
)
_ROW = """
    SELECT t.termination_id, t.executor_id, t.ground, t.status, t.detected_at, t.effective_from,
           t.basis, t.document, t.suspension_id, t.protocol_id,
           ARRAY(SELECT c.contract_id FROM payments.termination_contract c
                  WHERE c.termination_id = t.termination_id
                  ORDER BY c.contract_id) AS contract_ids,
           t.decision, t.decided_at, t.withdrawal, t.withdrawn_at
      FROM payments.termination t
"""
FIND = Query[Termination](
    _ROW + " WHERE t.termination_id = $1 AND ($2::uuid IS NULL OR t.executor_id = $2)"
)
FIND_FOR_UPDATE = Query[Termination](_ROW + " WHERE t.termination_id = $1 FOR UPDATE OF t")
MANY = Query[Termination](
    _ROW + " WHERE t.termination_id = ANY ($1::uuid[]) ORDER BY t.termination_id"
)
PAGE = Query[Termination](
    _ROW
    + """
     WHERE ($1::uuid IS NULL OR t.executor_id = $1)
       AND ($2::text IS NULL OR t.status = $2)
       AND ($3::uuid IS NULL OR t.termination_id < $3)
     ORDER BY t.termination_id DESC
     LIMIT $4
    """
)
DECIDE = Query[None](
    """
    UPDATE payments.termination
       SET status = 'DECIDED', document = $2, decision = $3, decided_at = $4,
           decision_evidence_id = $5
     WHERE termination_id = $1
    """
)
WITHDRAW = Query[None](
    """
    UPDATE payments.termination
       SET status = 'WITHDRAWN', withdrawal = $2, withdrawal_document = $3, withdrawn_at = $4,
           withdrawal_evidence_id = $5
     WHERE termination_id = $1
    """
)
# Unpaid acts under the contracts; `before`: no service on the effective date or later. $2: only these.
ACTS = Query[StoppedAct](
    """
    SELECT act.act_id, act.contract_id, act.number, act.status, act.total_tiyn,
           act.period_to < t.effective_from
               OR act.period_from < t.effective_from AND NOT EXISTS (
                   SELECT FROM payments.act_case s
                    WHERE s.act_id = act.act_id AND s.service_date >= t.effective_from
               ) AS before,
           last.verdict, last.decided_at
      FROM payments.termination t
      JOIN payments.termination_contract tc USING (termination_id)
      JOIN payments.act ON act.contract_id = tc.contract_id
      LEFT JOIN LATERAL (
           SELECT d.verdict, d.decided_at FROM payments.termination_act d
            WHERE d.termination_id = t.termination_id AND d.act_id = act.act_id
            ORDER BY d.decided_at DESC
            LIMIT 1
      ) last ON true
     WHERE t.termination_id = $1 AND ($2::uuid[] IS NULL OR act.act_id = ANY ($2))
       AND act.status NOT IN ('CHECKING', 'CHECK_FAILED', 'CANCELLED', 'PAID')
     ORDER BY act.seq_no
     LIMIT $3
    """
)
ADD_ACTS = Query[None](
    """
    INSERT INTO payments.termination_act (
        termination_id, act_id, decided_at, verdict, reason, evidence_id
    )
    SELECT $1, act_id, $3, $4, $5, $6 FROM unnest($2::uuid[]) AS act_id
    """
)
HISTORY = Query[Change](
    """
    SELECT at, kind, actor, payload
      FROM kernel.event
     WHERE subject = $1
     ORDER BY at, event_id
    """
)
# Lines of contracts the issuer terminated that hold more than acts wait for: those of services before
# the effective date of every termination, whether they will be settled or not (D10).
ENDED = Query[Rest](
    """
    WITH held AS (
        SELECT l.contract_id, l.line_id, a.balance_tiyn,
               coalesce((
                   SELECT sum(w.amount_tiyn)
                     FROM payments.act JOIN payments.act_line w USING (act_id)
                    WHERE act.contract_id = l.contract_id AND act.status = 'CHECK_PASSED'
                      AND w.line_id = l.line_id
                      AND NOT EXISTS (
                          SELECT FROM payments.termination_contract tc
                            JOIN payments.termination t USING (termination_id)
                            JOIN payments.act_case s
                              ON s.act_id = act.act_id AND s.service_date >= t.effective_from
                           WHERE tc.contract_id = l.contract_id AND t.status <> 'WITHDRAWN'
                      )
               ), 0)::bigint AS kept_tiyn
          FROM allocation.contract c
          JOIN allocation.contract_line_now l USING (contract_id)
          JOIN payments.ledger_account a
            ON a.account = 'contract:' || l.contract_id || ':' || l.line_id AND a.balance_tiyn > 0
         WHERE c.status = 'TERMINATED_BY_ISSUER'
    )
    SELECT contract_id, line_id, kept_tiyn
      FROM held
     WHERE contract_id IN (
        SELECT contract_id FROM held WHERE balance_tiyn > kept_tiyn ORDER BY contract_id LIMIT $1
     )
     ORDER BY contract_id, line_id
    """
)
BY_DOCUMENT = "termination_document"
