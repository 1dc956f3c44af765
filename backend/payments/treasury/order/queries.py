"""SQL of payment orders."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.treasury.order.model import (
    Control,
    ControlRun,
    DecisionTaken,
    Order,
    Sending,
)

# The order's number is its message's for ever; the register's file names it already. The last order of
# the act, returned or withdrawn, is the one it stands for.
CREATE = Query[None](
    """
    INSERT INTO payments.payment_order (
        order_id, register_id, act_id, contract_id, executor_id, source, message_id, status,
        amount_tiyn, created_at, replaces
    )
    SELECT r.order_id, r.register_id, r.act_id, act.contract_id, act.executor_id, act.source,
           replace(r.order_id::text, '-', ''), 'DRAFT', r.amount_tiyn, $2,
           (SELECT before.order_id FROM payments.payment_order before
             WHERE before.act_id = r.act_id
             ORDER BY before.order_id DESC
             LIMIT 1)
      FROM payments.acts_register_row r
      JOIN payments.act USING (act_id)
     WHERE r.register_id = $1
     ORDER BY r.no
    """
)
# What the controls look at, as things stand now: the orders of a register, or those named.
CONTROLS = Query[Control](
    """
    SELECT p.order_id, p.register_id, p.act_id, p.message_id, p.created_at, p.status, p.message IS NOT NULL AS written,
           p.amount_tiyn, p.contract_id, o.bin AS executor_bin, p.source, f.reason AS frozen,
           r.recipient_bin = o.bin AND r.recipient = o.name
               AND o.requisites @> jsonb_build_array(jsonb_build_object(
                       'iban', r.recipient_account, 'bic', r.recipient_bic))
               AND payer.requisites @> jsonb_build_array(jsonb_build_object(
                       'iban', r.sender_account, 'treasury', true)) AS requisites_ok,
           p.amount_tiyn = r.amount_tiyn AND p.amount_tiyn = act.total_tiyn
               AND p.amount_tiyn = i.total_tiyn
               AND p.amount_tiyn = (SELECT sum(l.amount_tiyn) FROM payments.act_line l
                                     WHERE l.act_id = p.act_id) AS sum_ok,
           (i.period_from, i.period_to) = (act.period_from, act.period_to)
               AND act.period_from >= contract.valid_from AND act.period_to <= contract.valid_to
               AS period_ok,
           contract.status IN ('SIGNED', 'EXPIRED') AND strpos(r.basis, contract.number) > 0
               AND i.contract_id = p.contract_id
               AND NOT EXISTS (SELECT FROM payments.invoice_difference d
                                WHERE d.invoice_id = i.invoice_id AND d.gone_at IS NULL) AS basis_ok,
           NOT EXISTS (
               SELECT FROM payments.payment_order other
                 JOIN payments.act done ON done.act_id = other.act_id
                WHERE other.order_id <> p.order_id AND other.status NOT IN ('RETURNED', 'WITHDRAWN')
                  AND other.contract_id = p.contract_id AND done.number = act.number
           ) AND act.status = 'IN_REGISTER' AS single,
           r.sender, payer.bin AS sender_bin, r.sender_account,
           coalesce((SELECT q ->> 'bic' FROM jsonb_array_elements(payer.requisites) q
                      WHERE q ->> 'iban' = r.sender_account LIMIT 1), '') AS sender_bic,
           r.recipient, r.recipient_bin, r.recipient_account, r.recipient_bic, r.basis,
           r.act_number, r.act_date, r.service_period
      FROM payments.payment_order p
      JOIN payments.acts_register_row r USING (register_id, act_id)
      JOIN payments.act USING (act_id)
      JOIN payments.frozen_act f USING (act_id)
      JOIN payments.e_invoice i ON i.act_id = p.act_id AND i.status = 'LINKED'
      JOIN allocation.contract ON contract.contract_id = p.contract_id
      JOIN registry.organisation o ON o.organisation_id = p.executor_id
      JOIN registry.organisation payer ON payer.kind = 'ISSUER'
     WHERE ($1::uuid IS NULL OR p.register_id = $1)
       AND ($2::uuid[] IS NULL OR p.order_id = ANY ($2))
     ORDER BY p.order_id
       FOR UPDATE OF p
    """
)
SET_CHECKED = Query[None](
    """
    UPDATE payments.payment_order
       SET status = $2, checks = $3, message = coalesce(message, $4)
     WHERE order_id = $1 AND status IN ('DRAFT', 'VERIFIED')
    """
)
ADD_CONTROL = Query[None](
    "INSERT INTO payments.order_control (order_id, at, status, checks) VALUES ($1, $2, $3, $4)"
)
SET_SIGNED = Query[None](
    """
    UPDATE payments.payment_order
       SET status = 'SIGNED', signature = $2, evidence_id = $3, signed_at = $4, try_at = $5
     WHERE order_id = $1 AND status = 'VERIFIED'
    """
)
# The 30 days of money that came before the register was formed are kept by its signed orders.
FUNDED_BY = Query[UUID](
    """
    SELECT t.transfer_id
      FROM payments.funding_transfer t, payments.acts_register r
     WHERE r.register_id = ANY ($1::uuid[]) AND t.kind <> 'nbk_to_kbsh' AND t.received_at <= r.formed_at
       AND split_part(t.kind, '_', 2) = r.source
    """
)
FIND = Query[Order](
    """
    SELECT order_id, register_id, act_id, executor_id, source, message_id, status, amount_tiyn,
           checks, message, signed_at, sent_at, finished_at, reason, replaces
      FROM payments.payment_order
     WHERE order_id = $1
    """
)
LIST = Query[Order](
    """
    SELECT order_id, register_id, act_id, executor_id, source, message_id, status, amount_tiyn,
           checks, message, signed_at, sent_at, finished_at, reason, replaces
      FROM payments.payment_order
     WHERE ($1::uuid IS NULL OR register_id = $1)
       AND ($2::uuid IS NULL OR order_id > $2)
     ORDER BY order_id
     LIMIT $3
    """
)
SENDING = Query[Sending](
    """
    SELECT p.order_id, p.act_id, p.contract_id, p.executor_id, o.bin AS executor_bin, p.source,
           p.message_id, p.status, p.amount_tiyn, p.message, p.signature
      FROM payments.payment_order p
      JOIN registry.organisation o ON o.organisation_id = p.executor_id
     WHERE p.order_id = $1 AND p.signature IS NOT NULL
    """
)
SENDING_FOR_UPDATE = Query[Sending](
    """
    SELECT p.order_id, p.act_id, p.contract_id, p.executor_id, o.bin AS executor_bin, p.source,
           p.message_id, p.status, p.amount_tiyn, p.message, p.signature
      FROM payments.payment_order p
      JOIN registry.organisation o ON o.organisation_id = p.executor_id
     WHERE p.order_id = $1
       FOR UPDATE OF p
    """
)
ONES_FOR_UPDATE = Query[Sending](
    """
    SELECT p.order_id, p.act_id, p.contract_id, p.executor_id, o.bin AS executor_bin, p.source,
           p.message_id, p.status, p.amount_tiyn, p.message, p.signature
      FROM payments.payment_order p
      JOIN registry.organisation o ON o.organisation_id = p.executor_id
     WHERE p.order_id = ANY ($1::uuid[])
     ORDER BY p.order_id
       FOR UPDATE OF p
    """
)
# What came back, and was not yet decided to be paid anew.
NOT_RENEWED = Query[UUID](
    """
    SELECT order_id FROM payments.payment_order
     WHERE order_id = ANY ($1::uuid[]) AND status = 'RETURNED' AND renewed_at IS NULL
    """
)
RENEW = Query[None](
    "UPDATE payments.payment_order SET renewed_at = $2 WHERE order_id = ANY ($1::uuid[])"
)
WITHDRAW = Query[None](
    """
    UPDATE payments.payment_order SET status = 'WITHDRAWN', finished_at = $2, try_at = NULL
     WHERE order_id = ANY ($1::uuid[]) AND status IN ('DRAFT', 'VERIFIED', 'SIGNED')
    """
)
ACTS_WAIT = Query[None](
    """
    UPDATE payments.act SET status = 'INVOICED'
     WHERE act_id = ANY ($1::uuid[]) AND status = 'IN_REGISTER'
    """
)
ADD_DECISION = Query[None](
    """
    INSERT INTO payments.order_decision (decision_id, kind, reason, evidence_id, decided_at)
    VALUES ($1, $2, $3, $4, $5)
    """
)
ADD_DECIDED = Query[None](
    """
    INSERT INTO payments.order_decided (order_id, decision_id, before, after)
    SELECT order_id, $2, before, after
      FROM unnest($1::uuid[], $3::text[], $4::text[]) AS new (order_id, before, after)
    """
)
CONTROL_RUNS = Query[ControlRun](
    """
    SELECT at, status, checks FROM payments.order_control WHERE order_id = $1 ORDER BY no
    """
)
DECISIONS = Query[DecisionTaken](
    """
    SELECT decision_id, d.kind AS decision, d.reason, d.decided_at, o.before, o.after
      FROM payments.order_decided o JOIN payments.order_decision d USING (decision_id)
     WHERE o.order_id = $1
     ORDER BY d.decided_at, decision_id
    """
)
# What has been frozen since it was signed waits, and what the Treasury has no register for; what is on
# its way cannot be called back.
SET_SENT = Query[None](
    """
    UPDATE payments.payment_order p SET status = 'SENT', sent_at = $2, try_at = $3
     WHERE order_id = $1 AND status = 'SIGNED'
       AND (SELECT reason FROM payments.frozen_act f WHERE f.act_id = p.act_id) IS NULL
       AND EXISTS (
           SELECT FROM payments.acts_register r
            WHERE r.register_id = p.register_id AND r.delivered_at IS NOT NULL
       )
    """
)
BOOKED = Query[bool](
    "SELECT EXISTS (SELECT FROM payments.booking WHERE order_id = $1 AND status = 'MATCHED')"
)
SET_STATUS = Query[None](
    "UPDATE payments.payment_order SET status = $2, try_at = $3 WHERE order_id = $1"
)
FINISH = Query[None](
    """
    UPDATE payments.payment_order
       SET status = $2, finished_at = $3, reason = $4, try_at = NULL
     WHERE order_id = $1
    """
)
ACT_PAID = Query[None](
    """
    UPDATE payments.act SET status = 'PAID', paid_at = $2
     WHERE act_id = $1 AND status = 'IN_REGISTER'
    """
)
ACT_RETURNED = Query[None](
    """
    UPDATE payments.act SET status = 'INVOICED', paid_at = NULL
     WHERE act_id = $1 AND status IN ('IN_REGISTER', 'PAID')
    """
)
TAKE_DUE = Query[UUID](
    """
    UPDATE payments.payment_order p SET try_at = $2
      FROM (
        SELECT order_id FROM payments.payment_order
         WHERE status IN ('SIGNED', 'SENT', 'UNKNOWN', 'ACCEPTED_BY_TREASURY') AND try_at <= $1
         ORDER BY try_at
         LIMIT 50
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE p.order_id = due.order_id
    RETURNING p.order_id
    """
)
