"""SQL of files of contributions and of the repair queue."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.contribution_file.model import (
    Applied,
    FaultCount,
    FileReport,
    Held,
    Note,
    Original,
    Repair,
    RepairSummary,
    SealedRepair,
    StagedLine,
    Working,
)

OPEN = Query[UUID](
    """
    INSERT INTO registry.contribution_file (
        file_id, source, name, format, channel, bytes, sha256, status, created_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'RECEIVING', $8)
    ON CONFLICT DO NOTHING
    RETURNING file_id
    """
)
KNOWN = Query[UUID](
    """
    SELECT file_id
      FROM registry.contribution_file
     WHERE source = $1 AND (name = $2 OR sha256 = $3)
     ORDER BY sha256 <> $3
     LIMIT 1
    """
)
SAME = Query[UUID](
    "SELECT file_id FROM registry.contribution_file WHERE source = $1 AND sha256 = $2"
)
WORK = Query[Working](
    """
    SELECT file_id, source, name, format, sha256, status, received, applied_to, records
      FROM registry.contribution_file
     WHERE file_id = $1
       FOR UPDATE
    """
)
KEEP_PIECE = Query[None](
    """
    INSERT INTO registry.contribution_piece (file_id, start, sealed)
    VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
    """
)
# Two who fetch the same piece count it once.
RECEIVED = Query[UUID](
    """
    UPDATE registry.contribution_file
       SET received = $3,
           status = CASE WHEN $3::bigint = bytes THEN 'STAGING' ELSE 'RECEIVING' END
     WHERE file_id = $1 AND received = $2 AND status = 'RECEIVING'
    RETURNING file_id
    """
)
PIECES = Query[int](
    "SELECT start FROM registry.contribution_piece WHERE file_id = $1 ORDER BY start"
)
PIECE = Query[bytes](
    "SELECT sealed FROM registry.contribution_piece WHERE file_id = $1 AND start = $2"
)
DROP_PIECES = Query[None]("DELETE FROM registry.contribution_piece WHERE file_id = $1")
CLOSED = Query[UUID](
    """
    SELECT person_id
      FROM registry.account
     WHERE person_id = ANY ($1::uuid[]) AND status = 'CLOSED'
    """
)
STAGED = Query[None](
    """
    UPDATE registry.contribution_file
       SET status = 'WEIGHING', number = $2, day = $3, records = $4, receipts_tiyn = $5,
           returns_tiyn = $6
     WHERE file_id = $1
    """
)
REFUSE = Query[None](
    """
    UPDATE registry.contribution_file
       SET status = 'REFUSED', refused_code = $2, refused_line = $3, finished_at = $4
     WHERE file_id = $1
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
SET_STATUS = Query[None](
    """
    UPDATE registry.contribution_file
       SET status = $2, hold_id = coalesce($3, hold_id), finished_at = $4
     WHERE file_id = $1
    """
)
OF_HOLD = Query[Held]("SELECT file_id, status FROM registry.contribution_file WHERE hold_id = $1")
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
# What is whole and not yet dealt with: whatever became of its job, it is queued again.
UNFINISHED = Query[UUID](
    """
    SELECT file_id
      FROM registry.contribution_file
     WHERE status IN ('STAGING', 'WEIGHING', 'APPLYING') AND created_at <= $1
     ORDER BY file_id
     LIMIT 100
    """
)
FIND = Query[FileReport](
    """
    SELECT file_id, source, name, format, channel, status, bytes, received, number, day, records,
           receipts_tiyn, returns_tiyn, taken, repeated, to_repair, refused_code, refused_line, hold_id,
           created_at, finished_at
      FROM registry.contribution_file
     WHERE file_id = $1 AND ($2::text IS NULL OR source = $2)
    """
)
PAGE = Query[FileReport](
    """
    SELECT file_id, source, name, format, channel, status, bytes, received, number, day, records,
           receipts_tiyn, returns_tiyn, taken, repeated, to_repair, refused_code, refused_line, hold_id,
           created_at, finished_at
      FROM registry.contribution_file
     WHERE ($1::text IS NULL OR source = $1) AND ($2::uuid IS NULL OR file_id < $2)
     ORDER BY file_id DESC
     LIMIT $3
    """
)
FAULTS = Query[FaultCount](
    """
    SELECT code, count(*) AS rows, count(*) FILTER (WHERE status = 'WAITING') AS waiting
      FROM registry.contribution_repair
     WHERE file_id = $1
     GROUP BY code
     ORDER BY code
    """
)
ASK_NOW = Query[bool](
    """
    UPDATE registry.contribution_asking SET asked_at = $1 WHERE asked_at <= $2 RETURNING true
    """
)
# --- the repair queue ---

ADD_REPAIRS = Query[UUID](
    """
    INSERT INTO registry.contribution_repair (
        repair_id, file_id, line, code, kind, ref, day, amount_tiyn, key, sealed, status, received_at,
        tried_at
    )
    SELECT uuidv7(), file_id, line, code, kind, ref, day, amount_tiyn, key, sealed, 'WAITING', $10, $10
      FROM unnest(
               $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[],
               $8::bytea[], $9::bytea[]
           ) AS new (file_id, line, code, kind, ref, day, amount_tiyn, key, sealed)
    ON CONFLICT DO NOTHING
    RETURNING file_id
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
REPAIR = Query[Repair](
    """
    SELECT repair_id, file_id, line, code, kind, ref, day, amount_tiyn, status, received_at, tried_at,
           closed_at, closed_by, reason
      FROM registry.contribution_repair
     WHERE repair_id = $1
    """
)
REPAIRS = Query[Repair](
    """
    SELECT repair_id, file_id, line, code, kind, ref, day, amount_tiyn, status, received_at, tried_at,
           closed_at, closed_by, reason
      FROM registry.contribution_repair
     WHERE status = 'WAITING' AND ($1::text IS NULL OR code = $1)
       AND ($2::uuid IS NULL OR file_id = $2) AND ($3::uuid IS NULL OR repair_id > $3)
     ORDER BY repair_id
     LIMIT $4
    """
)
SUMMARY = Query[RepairSummary](
    """
    SELECT code, count(*) AS waiting, sum(amount_tiyn)::bigint AS amount_tiyn,
           min(received_at) AS oldest_at
      FROM registry.contribution_repair
     WHERE status = 'WAITING'
     GROUP BY code
     ORDER BY code
    """
)
SEALED = Query[SealedRepair](
    """
    SELECT repair_id, file_id, line, code, sealed
      FROM registry.contribution_repair
     WHERE repair_id = $1
       FOR UPDATE
    """
)
NOTES = Query[Note](
    """
    SELECT at, actor, action, told
      FROM registry.contribution_repair_note
     WHERE repair_id = $1
     ORDER BY note_id
    """
)
NOTE = Query[None](
    """
    INSERT INTO registry.contribution_repair_note (repair_id, at, actor, action, told)
    VALUES ($1, $2, $3, $4, $5)
    """
)
CLOSE_REPAIR = Query[UUID](
    """
    UPDATE registry.contribution_repair
       SET status = $2, closed_at = $3, closed_by = $4, reason = $5
     WHERE repair_id = $1 AND status = 'WAITING'
    RETURNING repair_id
    """
)
# In order and by one alone; another's are passed over. What was tried today waits for tomorrow.
TO_HEAL = Query[SealedRepair](
    """
    SELECT repair_id, file_id, line, code, sealed
      FROM registry.contribution_repair
     WHERE status = 'WAITING' AND tried_at <= $2 AND code = ANY ($1::text[])
     ORDER BY tried_at
     LIMIT $3
       FOR UPDATE SKIP LOCKED
    """
)
TRIED = Query[None](
    """
    UPDATE registry.contribution_repair
       SET tried_at = $3, code = new.code
      FROM unnest($1::uuid[], $2::text[]) AS new (repair_id, code)
     WHERE contribution_repair.repair_id = new.repair_id
    """
)
HEALED = Query[None](
    """
    UPDATE registry.contribution_repair
       SET status = 'HEALED', closed_at = $2, closed_by = 'system'
     WHERE repair_id = ANY ($1::uuid[]) AND status = 'WAITING'
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
