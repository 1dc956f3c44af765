"""SQL of funding."""

from backend.kernel.db import Query
from backend.payments.treasury.funding.model import FundingInvoice, FundingTransfer, Money, TermRow

ADD_INVOICE = Query[None](
    """
    INSERT INTO payments.funding_invoice (
        invoice_id, number, source, payer_bin, amount_tiyn, issued_at
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (number) DO NOTHING
    """
)
INVOICE_BY_NUMBER = Query[FundingInvoice](
    """
    SELECT invoice_id, number, source, payer_bin, amount_tiyn, paid_tiyn, issued_at
      FROM payments.funding_invoice
     WHERE number = $1
    """
)
INVOICE = Query[FundingInvoice](
    """
    SELECT invoice_id, number, source, payer_bin, amount_tiyn, paid_tiyn, issued_at
      FROM payments.funding_invoice
     WHERE invoice_id = $1
    """
)
ADD_TRANSFER = Query[None](
    """
    INSERT INTO payments.funding_transfer (
        transfer_id, kind, destination, reference, invoice_id, amount_tiyn, received_at,
        evidence_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (reference) DO NOTHING
    """
)
TRANSFER_BY_REFERENCE = Query[FundingTransfer](
    """
    SELECT transfer_id, kind, destination, reference, invoice_id, amount_tiyn, received_at
      FROM payments.funding_transfer
     WHERE reference = $1
    """
)
PAY_INVOICE = Query[None](
    "UPDATE payments.funding_invoice SET paid_tiyn = paid_tiyn + $2 WHERE invoice_id = $1"
)
MONEY = Query[Money](
    """
    SELECT source,
           coalesce(max(balance_tiyn) FILTER (WHERE account LIKE 'cash:nbk:%'), 0) AS nbk_tiyn,
           coalesce(max(balance_tiyn) FILTER (WHERE account LIKE 'cash:kbsh:%'), 0) AS kbsh_tiyn,
           coalesce(max(balance_tiyn) FILTER (WHERE account LIKE 'cash:sent:%'), 0) AS sent_tiyn
      FROM (VALUES ('gvfmc'), ('mhi')) AS of (source)
      LEFT JOIN payments.ledger_account USING (source)
     GROUP BY source
     ORDER BY source
    """
)
TERMS = Query[TermRow](
    """
    SELECT t.transfer_id, t.kind, t.reference, t.amount_tiyn, t.received_at, term.due_at, term.done_at
      FROM payments.funding_transfer t
      JOIN kernel.term term ON term.code = 'd6' AND term.subject = t.transfer_id
     WHERE $1::uuid IS NULL OR t.transfer_id < $1
     ORDER BY t.transfer_id DESC
     LIMIT $2
    """
)
NOT_OVERPAID = "funding_invoice_not_overpaid"
