"""SQL of e-invoices."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.invoice.model import (
    Compared,
    Difference,
    ForTax,
    Invoice,
    InvoicedAct,
    Revoking,
)

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
         WHERE status IN ('ISSUED', 'REVOKING') AND try_at <= $1
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
# 7105250, as forming a register: an act is not taken into one while its e-invoice falls away.
LOCK = Query[None]("SELECT pg_advisory_xact_lock(7105250)")
OWN_FOR_UPDATE = Query[Compared](
    """
    SELECT i.invoice_id, i.act_id, act.status AS act_status, i.status, i.number, o.bin AS seller_bin,
           contract.number AS contract_number, i.period_from, i.period_to, i.total_tiyn,
           i.registration_number
      FROM payments.e_invoice i
      JOIN payments.act ON act.act_id = i.act_id
      JOIN registry.organisation o ON o.organisation_id = i.executor_id
      JOIN allocation.contract ON contract.contract_id = i.contract_id
     WHERE i.invoice_id = $1 AND i.act_id = $2 AND i.executor_id = $3
       FOR UPDATE OF i, act
    """
)
REVOKE = Query[None](
    """
    UPDATE payments.e_invoice
       SET status = 'REVOKING', revocation = $2, revoke_evidence_id = $3, try_at = $4
     WHERE invoice_id = $1 AND status = 'LINKED'
    """
)
ACT_WITHOUT_INVOICE = Query[None](
    "UPDATE payments.act SET status = 'SIGNED_BY_ISSUER' WHERE act_id = $1 AND status = 'INVOICED'"
)
REVOKING = Query[Revoking](
    """
    SELECT i.invoice_id, i.act_id, i.number, o.bin AS seller_bin, i.revocation
      FROM payments.e_invoice i JOIN registry.organisation o ON o.organisation_id = i.executor_id
     WHERE i.invoice_id = $1 AND i.status = 'REVOKING'
    """
)
REVOKED = Query[None](
    """
    UPDATE payments.e_invoice SET status = 'REVOKED', revoked_at = $2
     WHERE invoice_id = $1 AND status IN ('ISSUED', 'LINKED', 'REVOKING')
    """
)
# Those whose turn it is to be compared; their next turn is set at once, so that no two ask the same.
TAKE_COMPARED = Query[UUID](
    """
    UPDATE payments.e_invoice i SET check_at = $2
      FROM (
        SELECT invoice_id FROM payments.e_invoice
         WHERE status IN ('ISSUED', 'LINKED') AND check_at <= $1 AND issued_at <= $3
         ORDER BY check_at
         LIMIT 200
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE i.invoice_id = due.invoice_id
    RETURNING i.invoice_id
    """
)
COMPARED = Query[Compared](
    """
    SELECT i.invoice_id, i.act_id, act.status AS act_status, i.status, i.number, o.bin AS seller_bin,
           contract.number AS contract_number, i.period_from, i.period_to, i.total_tiyn,
           i.registration_number
      FROM payments.e_invoice i
      JOIN payments.act ON act.act_id = i.act_id
      JOIN registry.organisation o ON o.organisation_id = i.executor_id
      JOIN allocation.contract ON contract.contract_id = i.contract_id
     WHERE i.invoice_id = ANY ($1::uuid[])
     ORDER BY i.invoice_id
       FOR UPDATE OF i, act
    """
)
ADD_DIFFERENCE = Query[None](
    """
    INSERT INTO payments.invoice_difference (
        difference_id, invoice_id, kind, detail, mended, found_at, gone_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (invoice_id, kind) WHERE gone_at IS NULL DO NOTHING
    """
)
# What agrees now, or has been mended, is over.
GONE = Query[None](
    """
    UPDATE payments.invoice_difference SET gone_at = $2
     WHERE invoice_id = ANY ($1::uuid[]) AND gone_at IS NULL
    """
)
CHECKED = Query[None](
    "UPDATE payments.e_invoice SET check_at = $2 WHERE invoice_id = ANY ($1::uuid[])"
)
DIFFERENCES = Query[Difference](
    """
    SELECT d.difference_id, d.invoice_id, i.act_id, d.kind, d.detail, d.mended, d.found_at, d.gone_at
      FROM payments.invoice_difference d JOIN payments.e_invoice i USING (invoice_id)
     WHERE (NOT $1 OR d.gone_at IS NULL) AND ($2::uuid IS NULL OR d.difference_id > $2)
     ORDER BY d.difference_id
     LIMIT $3
    """
)
