"""SQL of the proof: the ledger beside the documents it follows."""

from datetime import datetime

from backend.kernel.db import Query
from backend.payments.proof.model import ContractOff, LineOff, ProofRow

# 7105251: one proof at a time, whoever runs it.
TURN = Query[bool]("SELECT pg_try_advisory_xact_lock(7105251)")
LAST_AT = Query[datetime](
    "SELECT proved_at FROM payments.ledger_proof ORDER BY proof_id DESC LIMIT 1"
)
# What a line was given by plans and their changes is where its money stands: not contracted, contracted
# and not used, or in acts the issuer signed.
LINES_OFF = Query[LineOff](
    """
    WITH planned AS (
        SELECT split_part(a.account, ':', 2)::uuid AS line_id, a.balance_tiyn AS residue,
               (SELECT coalesce(sum(e.amount_tiyn), 0)
                  FROM payments.entry e JOIN payments.transfer t USING (transfer_id)
                 WHERE e.account = a.account AND t.kind IN ('plan_funded', 'plan_changed')) AS planned
          FROM payments.ledger_account a
         WHERE a.kind = 'plan'
    ), contracted AS (
        SELECT split_part(account, ':', 3)::uuid AS line_id, sum(balance_tiyn) AS tiyn
          FROM payments.ledger_account
         WHERE kind = 'contract'
         GROUP BY 1
    ), used AS (
        SELECT line.line_id, sum(line.amount_tiyn) AS tiyn
          FROM payments.act_line line JOIN payments.act USING (act_id)
         WHERE act.signed_at IS NOT NULL AND act.status <> 'CANCELLED'
         GROUP BY 1
    )
    SELECT line_id,
           planned::bigint AS planned_tiyn,
           residue AS residue_tiyn,
           coalesce(contracted.tiyn, 0)::bigint AS contract_tiyn,
           coalesce(used.tiyn, 0)::bigint AS acts_tiyn
      FROM planned LEFT JOIN contracted USING (line_id) LEFT JOIN used USING (line_id)
     WHERE planned <> residue + coalesce(contracted.tiyn, 0) + coalesce(used.tiyn, 0)
     ORDER BY line_id
     LIMIT 100
    """
)
CONTRACTS_OFF = Query[ContractOff](
    """
    WITH kept AS (
        SELECT split_part(account, ':', 2)::uuid AS contract_id,
               coalesce(sum(balance_tiyn) FILTER (WHERE kind = 'accepted'), 0) AS accepted,
               coalesce(sum(balance_tiyn) FILTER (WHERE kind = 'ordered'), 0) AS ordered,
               coalesce(sum(balance_tiyn) FILTER (WHERE kind = 'paid'), 0) AS paid,
               coalesce(sum(balance_tiyn) FILTER (WHERE kind = 'returned'), 0) AS returned
          FROM payments.ledger_account
         WHERE kind IN ('accepted', 'ordered', 'paid', 'returned')
         GROUP BY 1
    ), acts AS (
        SELECT contract_id, sum(total_tiyn) AS signed
          FROM payments.act
         WHERE signed_at IS NOT NULL AND status <> 'CANCELLED'
         GROUP BY 1
    ), orders AS (
        SELECT contract_id,
               coalesce(sum(amount_tiyn) FILTER (
                   WHERE status IN ('SIGNED', 'SENT', 'UNKNOWN', 'ACCEPTED_BY_TREASURY')), 0) AS ordered,
               coalesce(sum(amount_tiyn) FILTER (WHERE status = 'EXECUTED'), 0) AS paid,
               coalesce(sum(amount_tiyn) FILTER (
                   WHERE status = 'RETURNED' AND renewed_at IS NULL), 0) AS returned
          FROM payments.payment_order
         GROUP BY 1
    ), told AS (
        SELECT contract_id,
               signed - coalesce(ordered, 0) - coalesce(paid, 0) - coalesce(returned, 0) AS accepted,
               coalesce(ordered, 0) AS ordered, coalesce(paid, 0) AS paid,
               coalesce(returned, 0) AS returned
          FROM acts LEFT JOIN orders USING (contract_id)
    )
    SELECT contract_id,
           coalesce(kept.accepted, 0)::bigint AS accepted_kept_tiyn,
           coalesce(told.accepted, 0)::bigint AS accepted_told_tiyn,
           coalesce(kept.ordered, 0)::bigint AS ordered_kept_tiyn,
           coalesce(told.ordered, 0)::bigint AS ordered_told_tiyn,
           coalesce(kept.paid, 0)::bigint AS paid_kept_tiyn,
           coalesce(told.paid, 0)::bigint AS paid_told_tiyn,
           coalesce(kept.returned, 0)::bigint AS returned_kept_tiyn,
           coalesce(told.returned, 0)::bigint AS returned_told_tiyn
      FROM kept FULL JOIN told USING (contract_id)
     WHERE (coalesce(kept.accepted, 0), coalesce(kept.ordered, 0), coalesce(kept.paid, 0),
            coalesce(kept.returned, 0))
        <> (coalesce(told.accepted, 0), coalesce(told.ordered, 0), coalesce(told.paid, 0),
            coalesce(told.returned, 0))
     ORDER BY contract_id
     LIMIT 100
    """
)
ADD = Query[None]("INSERT INTO payments.ledger_proof (proved_at, ok, result) VALUES ($1, $2, $3)")
LIST = Query[ProofRow](
    """
    SELECT proof_id, result
      FROM payments.ledger_proof
     WHERE $1::bigint IS NULL OR proof_id < $1
     ORDER BY proof_id DESC
     LIMIT $2
    """
)
