"""SQL of staff."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.worker.model import Worker

EMPLOY = Query[UUID](
    """
    INSERT INTO registry.worker AS known (
        worker_id, executor_id, iin_hash, speciality, active, changed_at
    )
    SELECT worker_id, executor_id, iin_hash, speciality, active, $6
      FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::bool[])
        AS new (worker_id, executor_id, iin_hash, speciality, active)
     ORDER BY executor_id, iin_hash
    ON CONFLICT (executor_id, iin_hash) DO UPDATE
       SET speciality = EXCLUDED.speciality, active = EXCLUDED.active, changed_at = $6
     WHERE (known.speciality, known.active) <> (EXCLUDED.speciality, EXCLUDED.active)
    RETURNING worker_id
    """
)
OF_EXECUTOR = Query[Worker](
    """
    SELECT worker_id, executor_id, iin_hash, speciality, active
      FROM registry.worker
     WHERE executor_id = $1 AND iin_hash = ANY ($2::bytea[])
    """
)
