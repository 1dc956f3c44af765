"""SQL of what a file changes: receipts and returns taken once, payments paid back, rows put aside."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.contribution_file.model import (
    Applied,
    Original,
    StagedLine,
)

CLOSED = Query[UUID](
    """
    SELECT person_id
      FROM registry.account
     WHERE person_id = ANY ($1::uuid[]) AND status = 'CLOSED'
    """
)
# Whose payments would be taken back, of those that are known.
TAKEN_BACK = Query[UUID](
    """
    SELECT DISTINCT receipt_claim.person_id
      FROM registry.contribution_stage
      JOIN registry.receipt_claim ON receipt_claim.source_ref = contribution_stage.original_ref
     WHERE contribution_stage.file_id = $1 AND contribution_stage.fault IS NULL
    """
)
# The receipts among the next lines: each reference is claimed once for ever, of two in one slice by the
# first; what was claimed is stored.
TAKE_RECEIPTS = Query[Applied](
    """
    WITH slice AS (
        SELECT ref, day, amount_tiyn, period, receipt_kind, payer_bin, payer_kind, person_id, line
          FROM registry.contribution_stage
         WHERE file_id = $1 AND line > $2 AND line <= $3 AND kind = 'RECEIPT' AND fault IS NULL
    ),
    first AS (SELECT DISTINCT ON (ref) * FROM slice ORDER BY ref, line),
    claimed AS (
        INSERT INTO registry.receipt_claim (source_ref, person_id, contribution_id)
        SELECT ref, person_id, uuidv7() FROM first ORDER BY ref
        ON CONFLICT (source_ref) DO NOTHING
        RETURNING source_ref, person_id, contribution_id
    ),
    added AS (
        INSERT INTO registry.contribution (
            person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
            payer_kind
        )
        SELECT claimed.person_id, claimed.contribution_id, first.day, first.period,
               first.receipt_kind, first.amount_tiyn, first.payer_bin, claimed.source_ref,
               first.payer_kind
          FROM claimed JOIN first ON first.ref = claimed.source_ref
        RETURNING source_ref
    )
    SELECT (SELECT count(*) FROM added) AS taken,
           (SELECT count(*) FROM slice) - (SELECT count(*) FROM added) AS repeated
    """
)
# Run after it: those that share their reference with another payment.
CLASHES = Query[StagedLine](
    """
    SELECT stage.line, stage.kind, stage.ref, stage.day, stage.amount_tiyn, stage.period,
           stage.receipt_kind, stage.payer_bin, stage.payer_kind, stage.original_ref
      FROM registry.contribution_stage AS stage
      JOIN registry.receipt_claim AS claim ON claim.source_ref = stage.ref
      JOIN registry.contribution AS known
        ON known.person_id = claim.person_id AND known.contribution_id = claim.contribution_id
     WHERE stage.file_id = $1 AND stage.line > $2 AND stage.line <= $3
       AND stage.kind = 'RECEIPT' AND stage.fault IS NULL
       AND (known.person_id, known.paid_on, known.period, known.kind, known.amount_tiyn,
            known.payer_bin)
           IS DISTINCT FROM (stage.person_id, stage.day, stage.period, stage.receipt_kind,
                             stage.amount_tiyn, stage.payer_bin)
     ORDER BY stage.line
    """
)
TAKE_RETURNS = Query[Applied](
    """
    WITH slice AS (
        SELECT ref, kind, original_ref, amount_tiyn, day, file_id, line
          FROM registry.contribution_stage
         WHERE file_id = $1 AND line > $2 AND line <= $3 AND kind <> 'RECEIPT' AND fault IS NULL
    ),
    claimed AS (
        INSERT INTO registry.refund_claim (
            ref, kind, original_ref, amount_tiyn, day, file_id, line, status
        )
        SELECT DISTINCT ON (ref) ref, kind, original_ref, amount_tiyn, day, file_id, line, 'WAITING'
          FROM slice ORDER BY ref, line
        ON CONFLICT (ref) DO NOTHING
        RETURNING ref
    )
    SELECT (SELECT count(*) FROM claimed) AS taken,
           (SELECT count(*) FROM slice) - (SELECT count(*) FROM claimed) AS repeated
    """
)
RETURN_CLASHES = Query[StagedLine](
    """
    SELECT stage.line, stage.kind, stage.ref, stage.day, stage.amount_tiyn, stage.period,
           stage.receipt_kind, stage.payer_bin, stage.payer_kind, stage.original_ref
      FROM registry.contribution_stage AS stage
      JOIN registry.refund_claim AS claim USING (ref)
     WHERE stage.file_id = $1 AND stage.line > $2 AND stage.line <= $3
       AND stage.kind <> 'RECEIPT' AND stage.fault IS NULL
       AND (claim.kind, claim.original_ref, claim.amount_tiyn, claim.day)
           IS DISTINCT FROM (stage.kind, stage.original_ref, stage.amount_tiyn, stage.day)
     ORDER BY stage.line
    """
)
# What waits and has its payment now; the payments are locked in order.
SETTLEABLE = Query[Original](
    """
    SELECT refund.ref, refund.kind, refund.original_ref, refund.amount_tiyn, refund.day,
           refund.file_id, refund.line,
           paid.person_id, paid.contribution_id, paid.paid_on, paid.amount_tiyn AS received_tiyn,
           paid.refunded_tiyn, paid.refunded_on
      FROM registry.refund_claim AS refund
      JOIN registry.receipt_claim AS claim ON claim.source_ref = refund.original_ref
      JOIN registry.contribution AS paid
        ON paid.person_id = claim.person_id AND paid.contribution_id = claim.contribution_id
     WHERE refund.status = 'WAITING'
       AND refund.original_ref IN (
               SELECT original_ref
                 FROM registry.refund_claim AS next
                WHERE next.status = 'WAITING'
                  AND EXISTS (SELECT FROM registry.receipt_claim
                               WHERE source_ref = next.original_ref)
                ORDER BY original_ref
                LIMIT $1
           )
     ORDER BY paid.person_id, paid.contribution_id, refund.ref
       FOR UPDATE OF paid, refund
    """
)
PAY_BACK = Query[None](
    """
    UPDATE registry.contribution
       SET refunded_tiyn = new.refunded_tiyn, refunded_on = new.refunded_on
      FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[])
        AS new (person_id, contribution_id, refunded_tiyn, refunded_on)
     WHERE contribution.person_id = new.person_id
       AND contribution.contribution_id = new.contribution_id
    """
)
SETTLE = Query[None](
    """
    UPDATE registry.refund_claim
       SET status = $2, applied_at = CASE WHEN $2::text = 'APPLIED' THEN $3::timestamptz END
     WHERE ref = ANY ($1::text[])
    """
)
FAULTY = Query[None](
    """
    INSERT INTO registry.contribution_repair (
        repair_id, file_id, line, code, kind, ref, day, amount_tiyn, key, sealed, status, received_at,
        tried_at
    )
    SELECT uuidv7(), file_id, line, fault, kind, ref, day, amount_tiyn, key, sealed, 'WAITING', $4, $4
      FROM registry.contribution_stage
     WHERE file_id = $1 AND line > $2 AND line <= $3 AND fault IS NOT NULL
     ORDER BY line
    ON CONFLICT DO NOTHING
    """
)
COUNT_FAULTY = Query[int](
    """
    SELECT count(*)
      FROM registry.contribution_stage
     WHERE file_id = $1 AND line > $2 AND line <= $3 AND fault IS NOT NULL
    """
)
# A payment that came right after all needs no repair.
SUPERSEDE = Query[None](
    """
    UPDATE registry.contribution_repair AS repair
       SET status = 'SUPERSEDED', closed_at = $4, closed_by = 'system'
      FROM registry.contribution_stage AS stage
     WHERE stage.file_id = $1 AND stage.line > $2 AND stage.line <= $3 AND stage.fault IS NULL
       AND repair.ref = stage.ref AND repair.status = 'WAITING' AND repair.kind = stage.kind
       AND repair.code NOT IN ('DUPLICATE_RECEIPT', 'REFUND_TOO_LARGE', 'REVERSAL_MISMATCH')
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.contribution_file
       SET applied_to = $2, taken = taken + $3, repeated = repeated + $4, to_repair = to_repair + $5
     WHERE file_id = $1
    """
)
LAST_OF_SLICE = Query[int | None](
    """
    SELECT max(line)
      FROM (
        SELECT line FROM registry.contribution_stage
         WHERE file_id = $1 AND line > $2 ORDER BY line LIMIT $3
      ) AS slice
    """
)
DROP_STAGE = Query[None](
    """
    DELETE FROM registry.contribution_stage
     WHERE file_id = $1
       AND line IN (SELECT line FROM registry.contribution_stage WHERE file_id = $1 LIMIT $2)
    """
)
MOVE_TO_REPAIR = Query[None](
    """
    UPDATE registry.contribution_file
       SET taken = taken - moved.rows, to_repair = to_repair + moved.rows
      FROM (SELECT file_id, count(*) AS rows FROM unnest($1::uuid[]) AS file (file_id) GROUP BY file_id)
        AS moved
     WHERE contribution_file.file_id = moved.file_id
    """
)
# Receipts given one by one: the references that were new.
ADD_RECEIPTS = Query[str](
    """
    WITH new AS (
        SELECT DISTINCT ON (ref) *
          FROM unnest(
                   $1::text[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                   $8::text[]
               ) AS row (ref, person_id, paid_on, period, kind, amount_tiyn, payer_bin, payer_kind)
         ORDER BY ref
    ),
    claimed AS (
        INSERT INTO registry.receipt_claim (source_ref, person_id, contribution_id)
        SELECT ref, person_id, uuidv7() FROM new ORDER BY ref
        ON CONFLICT (source_ref) DO NOTHING
        RETURNING source_ref, contribution_id
    )
    INSERT INTO registry.contribution (
        person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
        payer_kind
    )
    SELECT person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, ref, payer_kind
      FROM claimed JOIN new ON new.ref = claimed.source_ref
    RETURNING source_ref
    """
)
ADD_RETURNS = Query[str](
    """
    INSERT INTO registry.refund_claim (
        ref, kind, original_ref, amount_tiyn, day, file_id, line, status
    )
    SELECT DISTINCT ON (ref) ref, kind, original_ref, amount_tiyn, day, file_id, line, 'WAITING'
      FROM unnest(
               $1::text[], $2::text[], $3::text[], $4::bigint[], $5::date[], $6::uuid[], $7::bigint[]
           ) AS new (ref, kind, original_ref, amount_tiyn, day, file_id, line)
     ORDER BY ref
    ON CONFLICT (ref) DO NOTHING
    RETURNING ref
    """
)
