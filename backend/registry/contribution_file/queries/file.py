"""SQL of files: how far they are, and what is shown of them."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.contribution_file.model import (
    FaultCount,
    FileReport,
    Held,
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
SET_STATUS = Query[None](
    """
    UPDATE registry.contribution_file
       SET status = $2, hold_id = coalesce($3, hold_id), finished_at = $4
     WHERE file_id = $1
    """
)
OF_HOLD = Query[Held]("SELECT file_id, status FROM registry.contribution_file WHERE hold_id = $1")
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
