"""SQL of devices and their batches."""

from uuid import UUID

from backend.kernel.db import Query
from backend.visits.device.model import DeviceGap, DeviceRow, Told

ADD = Query[None](
    """
    INSERT INTO visits.device (device_id, facility_id, name, public_key, registered_at)
    VALUES ($1, $2, $3, $4, $5)
    """
)
KEY_IS_TAKEN = "device_public_key_key"
OF_FACILITY = Query[DeviceRow](
    """
    SELECT d.device_id, d.facility_id, d.name, d.public_key, d.registered_at, d.revoked_at,
           coalesce((SELECT max(v.counter) FROM visits.device_visit v
                      WHERE v.device_id = d.device_id), 0) AS last_counter
      FROM visits.device d
     WHERE d.facility_id = $1
     ORDER BY d.device_id DESC
     LIMIT $2
    """
)
# One upload of a device at a time.
FOR_UPDATE = Query[DeviceRow](
    """
    SELECT device_id, facility_id, name, public_key, registered_at, revoked_at,
           0::bigint AS last_counter
      FROM visits.device
     WHERE device_id = $1
       FOR UPDATE
    """
)
FIND = Query[DeviceRow](
    """
    SELECT device_id, facility_id, name, public_key, registered_at, revoked_at,
           0::bigint AS last_counter
      FROM visits.device
     WHERE device_id = $1
    """
)
REVOKE = Query[None](
    """
    UPDATE visits.device SET revoked_at = greatest($2, registered_at)
     WHERE device_id = $1 AND revoked_at IS NULL
    """
)
# Counters below the highest one that never came, the first $2 of each device.
GAPS = Query[DeviceGap](
    """
    SELECT device_id, first, last
      FROM (SELECT device_id, before + 1 AS first, counter - 1 AS last,
                   row_number() OVER (PARTITION BY device_id ORDER BY counter) AS place
              FROM (SELECT device_id, counter,
                           lag(counter, 1, 0::bigint)
                               OVER (PARTITION BY device_id ORDER BY counter) AS before
                      FROM visits.device_visit
                     WHERE device_id = ANY ($1::uuid[])) AS told
             WHERE counter > before + 1) AS missing
     WHERE place <= $2
     ORDER BY device_id, first
    """
)
TOLD = Query[Told](
    """
    SELECT counter, record_sha256, result, visit_id
      FROM visits.device_visit
     WHERE device_id = $1 AND counter = ANY ($2::bigint[])
    """
)
SAME_BATCH = Query[UUID](
    "SELECT batch_id FROM visits.device_batch WHERE device_id = $1 AND document_sha256 = $2"
)
ADD_BATCH = Query[None](
    """
    INSERT INTO visits.device_batch (batch_id, device_id, document, document_sha256, signature,
        received_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
ADD_TOLD = Query[None](
    """
    INSERT INTO visits.device_visit (device_id, counter, record_sha256, batch_id, result, visit_id)
    SELECT $1, counter, record_sha256, $2, result, visit_id
      FROM unnest($3::bigint[], $4::bytea[], $5::text[], $6::uuid[])
        AS told (counter, record_sha256, result, visit_id)
    """
)
