"""SQL of files."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.attachment.model import Fact
from backend.registry.upload.model import Receiving, Upload, Working

OPEN = Query[None](
    """
    INSERT INTO registry.upload (
        upload_id, source, actor, format, bytes, crc32, status, created_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, 'RECEIVING', $7)
    ON CONFLICT (upload_id) DO NOTHING
    """
)
FIND = Query[Upload](
    """
    SELECT upload_id, source, format, bytes, crc32, status, received, lines, staged, refused,
           recorded, repeated, changed, hold_id, created_at, received_at, finished_at
      FROM registry.upload
     WHERE upload_id = $1 AND ($2::text IS NULL OR source = $2)
    """
)
PAGE = Query[Upload](
    """
    SELECT upload_id, source, format, bytes, crc32, status, received, lines, staged, refused,
           recorded, repeated, changed, hold_id, created_at, received_at, finished_at
      FROM registry.upload
     WHERE ($1::text IS NULL OR source = $1) AND ($2::uuid IS NULL OR upload_id < $2)
     ORDER BY upload_id DESC
     LIMIT $3
    """
)
RECEIVE = Query[Receiving](
    """
    SELECT upload_id, source, format, bytes, crc32, status, received, sum, lines, columns
      FROM registry.upload
     WHERE upload_id = $1 AND source = $2
       FOR UPDATE
    """
)
# Facts the source has told before are not kept again: a nightly file is mostly what was known yesterday.
STAGE = Query[None](
    """
    INSERT INTO registry.upload_row (
        upload_id, person_id, line, since, seq, executor_id, facility_id
    )
    SELECT $1, person_id, line, since, seq, executor_id, facility_id
      FROM unnest($2::bigint[], $3::uuid[], $4::date[], $5::bigint[], $6::uuid[], $7::uuid[])
        AS new (line, person_id, since, seq, executor_id, facility_id)
      LEFT JOIN LATERAL (
        SELECT true AS told
          FROM registry.attachment_fact AS fact
         WHERE fact.person_id = new.person_id AND fact.since = new.since
           AND fact.seq = new.seq AND fact.source = $8
           AND fact.executor_id = new.executor_id
           AND fact.facility_id IS NOT DISTINCT FROM new.facility_id
         LIMIT 1  -- one look into the index for each row (attachment.queries.NEW)
      ) AS known ON true
     WHERE known.told IS NULL
     ORDER BY person_id, line
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.upload
       SET received = $2, sum = $3, lines = $4, columns = $5, staged = staged + $6,
           repeated = repeated + $7, refused = refused + $8
     WHERE upload_id = $1
    """
)
RECEIVED = Query[None](
    """
    UPDATE registry.upload
       SET status = $2, received_at = $3::timestamptz,
           finished_at = CASE WHEN $2 = 'CORRUPT' THEN $3::timestamptz END
     WHERE upload_id = $1
    """
)
WORK = Query[Working](
    """
    SELECT upload_id, source, actor, status, bytes, crc32, after, after_line, effects
      FROM registry.upload
     WHERE upload_id = $1
       FOR UPDATE
    """
)
OF_HOLD = Query[UUID]("SELECT upload_id FROM registry.upload WHERE hold_id = $1")
NEXT_ROWS = Query[Fact](
    """
    SELECT line AS place, person_id, since, seq, executor_id, facility_id
      FROM registry.upload_row
     WHERE upload_id = $1 AND (person_id, line) > ($2, $3)
     ORDER BY person_id, line
     LIMIT $4
    """
)
# A row is either here or applied: taking it out and applying it is one transaction. By its place in the
# table, which nobody else changes: a join would be planned for as many rows as there were yesterday.
TAKE_ROWS = Query[Fact](
    """
    DELETE FROM registry.upload_row
     WHERE ctid = ANY (ARRAY(
               SELECT ctid
                 FROM registry.upload_row
                WHERE upload_id = $1 AND (person_id, line) > ($2, $3)
                ORDER BY person_id, line
                LIMIT $4
           ))
    RETURNING line AS place, person_id, since, seq, executor_id, facility_id
    """
)
WEIGHED = Query[None](
    """
    UPDATE registry.upload SET after = $2, after_line = $3, effects = $4::jsonb
     WHERE upload_id = $1
    """
)
SET_STATUS = Query[None](
    """
    UPDATE registry.upload
       SET status = $2, hold_id = coalesce($3, hold_id), finished_at = $4,
           after = '00000000-0000-0000-0000-000000000000', after_line = 0
     WHERE upload_id = $1
    """
)
APPLIED = Query[None](
    """
    UPDATE registry.upload
       SET recorded = recorded + $2, repeated = repeated + $3, changed = changed + $4,
           after = $5, after_line = $6
     WHERE upload_id = $1
    """
)
ABANDON = Query[UUID](
    """
    UPDATE registry.upload
       SET status = 'ABANDONED', finished_at = $2
     WHERE status = 'RECEIVING' AND finished_at IS NULL AND created_at < $1
    RETURNING upload_id
    """
)
# Left by a worker that gave its job up: taken up again every night.
UNFINISHED = Query[UUID](
    """
    SELECT upload_id
      FROM registry.upload
     WHERE finished_at IS NULL AND status IN ('WEIGHING', 'APPLYING')
     ORDER BY upload_id
    """
)
