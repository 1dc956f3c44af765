"""SQL of acts registers."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.treasury.register.model import (
    Candidate,
    Register,
    RegisterFile,
    RegisterRow,
    ToDeliver,
)

# 7105250: one register is formed at a time, so that no two promise the same money.
LOCK = Query[None]("SELECT pg_advisory_xact_lock(7105250)")
# Money of acts in registers whose orders have not taken it from the account yet.
PROMISED = Query[int](
    """
    SELECT coalesce(sum(total_tiyn), 0)::bigint
      FROM payments.act
     WHERE source = $1 AND status = 'IN_REGISTER'
       AND NOT EXISTS (
           SELECT FROM payments.payment_order p
            WHERE p.act_id = act.act_id AND p.status NOT IN ('DRAFT', 'VERIFIED', 'RETURNED', 'WITHDRAWN')
       )
    """
)
CANDIDATES = Query[Candidate](
    """
    SELECT act.act_id,
           (sum(act.total_tiyn) OVER (ORDER BY act.signed_at, act.seq_no))::bigint AS running_tiyn,
           payer.bin AS sender_bin, payer.name AS sender, o.name AS recipient, o.bin AS recipient_bin,
           contract.number || ', '
               || (contract.executor_signed_at AT TIME ZONE INTERVAL '+05:00')::date AS basis,
           (SELECT string_agg(line.title_kk, '; ' ORDER BY line.title_kk)
              FROM payments.act_line l JOIN allocation.plan_line line USING (line_id)
             WHERE l.act_id = act.act_id) AS service_name,
           treasury.iban AS sender_account,
           o.requisites -> 0 ->> 'iban' AS recipient_account,
           act.number AS act_number,
           (act.signed_at AT TIME ZONE INTERVAL '+05:00')::date AS act_date,
           act.period_from || ' - ' || act.period_to AS service_period,
           o.requisites -> 0 ->> 'bic' AS recipient_bic,
           act.total_tiyn AS sum_tiyn
      FROM payments.act
      JOIN payments.frozen_act f USING (act_id)
      JOIN allocation.contract USING (contract_id)
      JOIN registry.organisation o ON o.organisation_id = act.executor_id
      JOIN registry.organisation payer ON payer.kind = 'ISSUER'
      CROSS JOIN LATERAL (
          SELECT account ->> 'iban' AS iban
            FROM jsonb_array_elements(payer.requisites) account
           WHERE (account ->> 'treasury')::boolean
           LIMIT 1
      ) treasury
     WHERE act.source = $1 AND act.status = 'INVOICED' AND f.reason IS NULL
       -- what a bank sent back waits for a decision to pay it anew
       AND NOT EXISTS (
           SELECT FROM payments.payment_order p
            WHERE p.act_id = act.act_id AND p.status = 'RETURNED' AND p.renewed_at IS NULL
       )
     ORDER BY act.signed_at, act.seq_no
     LIMIT 1000
    """
)
ISSUER_ACCOUNT = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM registry.organisation, jsonb_array_elements(requisites) account
         WHERE kind = 'ISSUER' AND (account ->> 'treasury')::boolean
    )
    """
)
NEXT_NUMBER = Query[int]("SELECT coalesce(max(number), 0) + 1 FROM payments.acts_register")
ADD = Query[None](
    """
    INSERT INTO payments.acts_register (
        register_id, number, source, status, formed_at, rows, total_tiyn, content, content_sha256
    )
    VALUES ($1, $2, $3, 'FORMED', $4, $5, $6, $7, sha256($7))
    """
)
ADD_ROW = Query[None](
    """
    INSERT INTO payments.acts_register_row (
        register_id, act_id, no, sender, recipient, recipient_bin, basis, service_name,
        sender_account, recipient_account, act_number, act_date, service_period, recipient_bic,
        amount_tiyn, order_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    """
)
TAKE_ACTS = Query[None](
    """
    UPDATE payments.act SET status = 'IN_REGISTER'
     WHERE act_id = ANY ($1::uuid[]) AND status = 'INVOICED'
    """
)
FIND = Query[Register](
    """
    SELECT register_id, number, source, status, formed_at, rows AS row_count, total_tiyn,
           encode(content_sha256, 'hex') AS content_sha256, signed_at, delivered_at, refusal,
           dissolved_at, dissolution_reason
      FROM payments.acts_register
     WHERE register_id = $1
    """
)
FIND_FOR_UPDATE = Query[Register](
    """
    SELECT register_id, number, source, status, formed_at, rows AS row_count, total_tiyn,
           encode(content_sha256, 'hex') AS content_sha256, signed_at, delivered_at, refusal,
           dissolved_at, dissolution_reason
      FROM payments.acts_register
     WHERE register_id = $1
       FOR UPDATE
    """
)
LIST = Query[Register](
    """
    SELECT register_id, number, source, status, formed_at, rows AS row_count, total_tiyn,
           encode(content_sha256, 'hex') AS content_sha256, signed_at, delivered_at, refusal,
           dissolved_at, dissolution_reason
      FROM payments.acts_register
     WHERE number > $1
     ORDER BY number
     LIMIT $2
    """
)
ROWS = Query[RegisterRow](
    """
    SELECT no, sender, recipient, recipient_bin, basis, service_name, sender_account,
           recipient_account, act_number, act_date, service_period, recipient_bic,
           amount_tiyn AS sum_tiyn
      FROM payments.acts_register_row
     WHERE register_id = $1
     ORDER BY no
    """
)
SIGN = Query[None](
    """
    UPDATE payments.acts_register
       SET status = 'SIGNED', signed_at = $2, evidence_id = $3, document = $4, signature = $5, try_at = $6
     WHERE register_id = $1 AND status = 'FORMED'
    """
)
DISSOLVE = Query[None](
    """
    UPDATE payments.acts_register
       SET status = 'DISSOLVED', dissolved_at = $2, dissolution_reason = $3, dissolution_evidence_id = $4
     WHERE register_id = $1 AND status = 'FORMED'
    """
)
# No order was written for any of them: they wait for another register, in the place they had.
RELEASE_ACTS = Query[None](
    """
    UPDATE payments.act SET status = 'INVOICED'
      FROM payments.acts_register_row r
     WHERE r.register_id = $1 AND act.act_id = r.act_id AND act.status = 'IN_REGISTER'
    """
)
FILE = Query[RegisterFile](
    """
    SELECT register_id, encode(content_sha256, 'hex') AS content_sha256, content
      FROM payments.acts_register
     WHERE register_id = $1
    """
)
TO_DELIVER = Query[ToDeliver](
    """
    SELECT register_id, content, document, signature
      FROM payments.acts_register
     WHERE register_id = $1 AND status = 'SIGNED' AND refusal IS NULL AND document IS NOT NULL
    """
)
DELIVERED = Query[None](
    """
    UPDATE payments.acts_register SET status = 'SENT', delivered_at = $2, try_at = NULL
     WHERE register_id = $1 AND status = 'SIGNED'
    """
)
# The Treasury waits for the orders of a register it has taken.
HASTEN = Query[None](
    """
    UPDATE payments.payment_order SET try_at = $2
     WHERE register_id = $1 AND status = 'SIGNED'
    """
)
REFUSED = Query[None](
    """
    UPDATE payments.acts_register SET refusal = $2, try_at = NULL
     WHERE register_id = $1 AND status = 'SIGNED' AND refusal IS NULL
    """
)
TRY_AGAIN = Query[None](
    """
    UPDATE payments.acts_register SET refusal = NULL, try_at = $2
     WHERE register_id = $1 AND status = 'SIGNED'
    """
)
TAKE_DUE = Query[UUID](
    """
    UPDATE payments.acts_register r SET try_at = $2
      FROM (
        SELECT register_id FROM payments.acts_register
         WHERE status = 'SIGNED' AND try_at <= $1
         ORDER BY try_at
         LIMIT 20
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE r.register_id = due.register_id
    RETURNING r.register_id
    """
)
