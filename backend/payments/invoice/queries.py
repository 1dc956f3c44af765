"""SQL of e-invoices."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.invoice.model import ForTax, Invoice, InvoicedAct

ACT_FOR_UPDATE = Query[InvoicedAct](
    """
    SELECT status, contract_id, period_from, period_to, total_tiyn, signed_at
      FROM payments.act
     WHERE act_id = $1 AND executor_id = $2
       FOR UPDATE
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.e_invoice (
        invoice_id, act_id, executor_id, contract_id, number, issued_on, period_from, period_to,
        total_tiyn, status, evidence_id, issued_at, try_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'ISSUED', $10, $11, $12)
    """
)
FIND = Query[Invoice](
    """
    SELECT invoice_id, act_id, number, issued_on, total_tiyn, status, issued_at, confirmed_at,
           registration_number
      FROM payments.e_invoice
     WHERE act_id = $1 AND status <> 'REVOKED' AND ($2::uuid IS NULL OR executor_id = $2)
    """
)
FOR_TAX = Query[ForTax](
    """
    SELECT i.invoice_id, i.act_id, i.number, i.issued_on, o.bin AS seller_bin,
           contract.number AS contract_number, i.period_from, i.period_to, i.total_tiyn
      FROM payments.e_invoice i
      JOIN registry.organisation o ON o.organisation_id = i.executor_id
      JOIN allocation.contract USING (contract_id)
     WHERE i.invoice_id = $1 AND i.status = 'ISSUED'
    """
)
# Take what is due, and push it into the future: another worker does not ask at the same time.
TAKE_DUE = Query[UUID](
    """
    UPDATE payments.e_invoice i SET try_at = $2
      FROM (
        SELECT invoice_id FROM payments.e_invoice
         WHERE status = 'ISSUED' AND try_at <= $1
         ORDER BY try_at
         LIMIT 50
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE i.invoice_id = due.invoice_id
    RETURNING i.invoice_id
    """
)
LINK = Query[None](
    """
    UPDATE payments.e_invoice
       SET status = 'LINKED', confirmed_at = $2, registration_number = $3
     WHERE invoice_id = $1 AND status = 'ISSUED'
    """
)
ACT_INVOICED = Query[None](
    "UPDATE payments.act SET status = 'INVOICED' WHERE act_id = $1 AND status = 'SIGNED_BY_ISSUER'"
)
DUPLICATES = frozenset({"e_invoice_live", "e_invoice_number"})
