"""SQL of the repair queue."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.contribution_file.model import (
    Note,
    Repair,
    RepairSummary,
    SealedRepair,
)

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
