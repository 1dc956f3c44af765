"""SQL of the repair queue."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.repair.model import Repair, RepairSummary, SealedRow

KEEP = Query[None](
    """
    INSERT INTO registry.repair (
        repair_id, feed, source, run_id, place, code, path, sealed, content, key, status,
        received_at, tried_at
    )
    SELECT repair_id, $1, $2, $3, place, code, path, sealed, content, key, 'WAITING', $11, $11
      FROM unnest(
               $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::bytea[], $9::jsonb[],
               $10::bytea[]
           ) AS new (repair_id, place, code, path, sealed, content, key)
    ON CONFLICT (feed, key) WHERE status = 'WAITING' DO NOTHING
    """
)
# In order and by one alone, so that two retries share the work instead of doing it twice. Rows of a file
# that has not been applied, and of a run an officer is asked about, wait for that first.
TRY = Query[SealedRow](
    """
    SELECT repair_id, source, sealed, content
      FROM registry.repair
     WHERE feed = $1 AND status = 'WAITING' AND repair_id > $2 AND code = ANY ($3::text[])
       AND NOT EXISTS (
               SELECT FROM registry.upload
                WHERE upload_id = repair.run_id AND upload.status <> 'DONE'
           )
       AND NOT EXISTS (
               SELECT FROM registry.brake_hold AS hold
                WHERE hold.feed = repair.feed AND hold.source = repair.source
                  AND hold.run_id = repair.run_id AND hold.status IN ('HELD', 'RELEASED')
           )
     ORDER BY repair_id
     LIMIT $4
       FOR UPDATE OF repair SKIP LOCKED
    """
)
TRIED = Query[None](
    """
    UPDATE registry.repair
       SET code = new.code, path = new.path, tried_at = $4
      FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (repair_id, code, path)
     WHERE repair.repair_id = new.repair_id
    """
)
CLOSE = Query[UUID](
    """
    UPDATE registry.repair
       SET status = $2, closed_at = $3, closed_by = $4
     WHERE repair_id = ANY ($1::uuid[]) AND status = 'WAITING'
    RETURNING repair_id
    """
)
DROP_RUN = Query[None](
    """
    UPDATE registry.repair
       SET status = 'DROPPED', closed_at = $2, closed_by = $3
     WHERE run_id = $1 AND status = 'WAITING'
    """
)
PAGE = Query[Repair](
    """
    SELECT repair_id, feed, source, run_id, place, code, path, content, status, received_at,
           tried_at, closed_at
      FROM registry.repair
     WHERE status = 'WAITING' AND ($1::text IS NULL OR source = $1)
       AND ($2::text IS NULL OR feed = $2) AND ($3::text IS NULL OR code = $3)
       AND ($4::uuid IS NULL OR run_id = $4) AND ($5::uuid IS NULL OR repair_id > $5)
     ORDER BY repair_id
     LIMIT $6
    """
)
SUMMARY = Query[RepairSummary](
    """
    SELECT feed, source, code, count(*) AS waiting, min(received_at) AS oldest_at
      FROM registry.repair
     WHERE status = 'WAITING' AND ($1::text IS NULL OR source = $1)
     GROUP BY feed, source, code
     ORDER BY feed, source, code
    """
)
