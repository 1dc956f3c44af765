"""SQL of staff: facts that may come in any order, and the state that follows from all of them."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.worker.model import Identified, Worker

# In order, so that two batches with the same workers queue up. What a new worker is at first is
# settled below.
ADD = Query[UUID](
    """
    INSERT INTO registry.worker (worker_id, executor_id, iin_hash, speciality, active, changed_at)
    SELECT worker_id, executor_id, iin_hash, speciality, active, $6
      FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::bool[])
        AS new (worker_id, executor_id, iin_hash, speciality, active)
     ORDER BY executor_id, iin_hash
    ON CONFLICT (executor_id, iin_hash) DO NOTHING
    RETURNING worker_id
    """
)
LOCK = Query[Identified](
    """
    SELECT worker_id, executor_id, iin_hash
      FROM unnest($1::uuid[], $2::bytea[]) AS asked (executor_id, iin_hash)
      JOIN registry.worker USING (executor_id, iin_hash)
     ORDER BY executor_id, iin_hash
       FOR UPDATE OF worker
    """
)
RECORD = Query[None](
    """
    INSERT INTO registry.worker_fact (
        worker_id, since, seq, source, speciality, active, run_id, told_at
    )
    SELECT worker_id, since, seq, $6, speciality, active, $7, $8
      FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::text[], $5::bool[])
        AS new (worker_id, since, seq, speciality, active)
    ON CONFLICT DO NOTHING
    """
)
# The last `since` holds, then the last `seq`, then who left has left, then the rest in byte order: never
# what came last.
SETTLE = Query[UUID](
    """
    UPDATE registry.worker
       SET speciality = last.speciality, active = last.active, changed_at = $2
      FROM (
        SELECT DISTINCT ON (worker_id) worker_id, speciality, active
          FROM registry.worker_fact
         WHERE worker_id = ANY ($1::uuid[])
         ORDER BY worker_id, since DESC, seq DESC, active, source DESC, speciality DESC
      ) AS last
     WHERE worker.worker_id = last.worker_id
       AND (worker.speciality, worker.active) IS DISTINCT FROM (last.speciality, last.active)
    RETURNING worker.worker_id
    """
)
OF_EXECUTOR = Query[Worker](
    """
    SELECT worker_id, executor_id, iin_hash, speciality, active
      FROM registry.worker
     WHERE executor_id = $1 AND iin_hash = ANY ($2::bytea[])
    """
)
