"""SQL of records and drafts."""

from backend.kernel.db import Query
from backend.payments.draft.model import Draft, SealedDraft, SealedRecord

# The highest number holds, whatever came last; of one number always the same one. In order, so that two
# batches with the same records queue up.
TAKE = Query[None](
    """
    INSERT INTO payments.service_record AS known (
        executor_id, record_id, seq, line_id, service_date, withdrawn, sealed, fingerprint, source,
        told_at
    )
    SELECT executor_id, record_id, seq, line_id, service_date, withdrawn, sealed, fingerprint, $9, $10
      FROM unnest(
               $1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::date[], $6::boolean[],
               $7::bytea[], $8::bytea[]
           ) AS new (
               executor_id, record_id, seq, line_id, service_date, withdrawn, sealed, fingerprint
           )
     ORDER BY executor_id, record_id
    ON CONFLICT (executor_id, record_id) DO UPDATE
       SET seq = EXCLUDED.seq, line_id = EXCLUDED.line_id, service_date = EXCLUDED.service_date,
           withdrawn = EXCLUDED.withdrawn, sealed = EXCLUDED.sealed,
           fingerprint = EXCLUDED.fingerprint, source = EXCLUDED.source, told_at = EXCLUDED.told_at
     WHERE (known.seq, known.fingerprint) < (EXCLUDED.seq, EXCLUDED.fingerprint)
    """
)
# What of a contract and period is not in a standing act yet, the earliest first.
TO_BILL = Query[SealedRecord](
    """
    SELECT r.record_id, r.sealed
      FROM payments.service_record r
      JOIN allocation.contract_line line ON line.contract_id = $2 AND line.line_id = r.line_id
     WHERE r.executor_id = $1 AND NOT r.withdrawn AND r.service_date BETWEEN $3 AND $4
       AND NOT EXISTS (
           SELECT FROM payments.service_record_claim c WHERE c.service_record_id = r.record_id
       )
     ORDER BY r.service_date, r.record_id
     LIMIT $5
    """
)
REPLACE = Query[None](
    """
    UPDATE payments.act_draft SET status = 'REPLACED', document_sealed = NULL
     WHERE contract_id = $1 AND number = $2 AND status = 'DRAFT'
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.act_draft (
        draft_id, contract_id, executor_id, number, period_from, period_to, status, cases, more,
        content_sha256, document_sealed, formed_by, formed_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, 'DRAFT', $7, $8, $9, $10, $11, $12)
    """
)
FIND = Query[Draft](
    """
    SELECT draft_id, contract_id, number, period_from, period_to, status, cases, more,
           encode(content_sha256, 'hex') AS content_sha256, formed_at, act_id
      FROM payments.act_draft
     WHERE draft_id = $1 AND executor_id = $2
    """
)
DOCUMENT = Query[SealedDraft](
    """
    SELECT status, document_sealed
      FROM payments.act_draft
     WHERE draft_id = $1 AND executor_id = $2
    """
)
SUBMITTED = Query[None](
    """
    UPDATE payments.act_draft SET status = 'SUBMITTED', document_sealed = NULL, act_id = $2
     WHERE draft_id = $1 AND status = 'DRAFT'
    """
)
