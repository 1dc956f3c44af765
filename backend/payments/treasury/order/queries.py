"""SQL of payment orders."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.treasury.order.model import Control, Order, Sending

# The order's number is its message's for ever.
CREATE = Query[None](
    """
    INSERT INTO payments.payment_order (
        order_id, register_id, act_id, contract_id, executor_id, source, message_id, status,
        amount_tiyn, created_at
    )
    SELECT new.order_id, r.register_id, r.act_id, act.contract_id, act.executor_id, act.source,
           replace(new.order_id::text, '-', ''), 'DRAFT', r.amount_tiyn, $3
      FROM unnest($1::uuid[]) WITH ORDINALITY AS new (order_id, no)
      JOIN payments.acts_register_row r ON r.register_id = $2 AND r.no = new.no
      JOIN payments.act USING (act_id)
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
               AND i.contract_id = p.contract_id AS basis_ok,
           NOT EXISTS (
               SELECT FROM payments.payment_order other
                 JOIN payments.act done ON done.act_id = other.act_id
                WHERE other.order_id <> p.order_id AND other.status <> 'RETURNED'
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
SET_SIGNED = Query[None](
    """
    UPDATE payments.payment_order
       SET status = 'SIGNED', signature = $2, evidence_id = $3, signed_at = $4, try_at = $5
     WHERE order_id = $1 AND status = 'VERIFIED'
    """
)
# A register is SENT once no order of it waits to be signed.
REGISTER_SENT = Query[None](
    """
    UPDATE payments.acts_register SET status = 'SENT'
     WHERE register_id = ANY ($1::uuid[]) AND status = 'SIGNED'
       AND NOT EXISTS (
           SELECT FROM payments.payment_order p
            WHERE p.register_id = acts_register.register_id AND p.status IN ('DRAFT', 'VERIFIED')
       )
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
           checks, message, signed_at, sent_at, finished_at, reason
      FROM payments.payment_order
     WHERE order_id = $1
    """
)
LIST = Query[Order](
    """
    SELECT order_id, register_id, act_id, executor_id, source, message_id, status, amount_tiyn,
           checks, message, signed_at, sent_at, finished_at, reason
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
# What has been frozen since it was signed waits; what is on its way cannot be called back.
SET_SENT = Query[None](
    """
    UPDATE payments.payment_order p SET status = 'SENT', sent_at = $2, try_at = $3
     WHERE order_id = $1 AND status = 'SIGNED'
       AND (SELECT reason FROM payments.frozen_act f WHERE f.act_id = p.act_id) IS NULL
    """
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
    "UPDATE payments.act SET status = 'INVOICED' WHERE act_id = $1 AND status = 'IN_REGISTER'"
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
