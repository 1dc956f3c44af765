"""SQL of specialities and certificates."""

from backend.kernel.db import Query
from backend.registry.specialist.model import Need

ADD_NEEDS = Query[None](
    """
    INSERT INTO registry.speciality_need_entry (
        entry_id, service_code, specialities, valid_from, valid_to, basis, evidence_id, entered_at
    )
    SELECT entry_id, service_code, string_to_array(specialities, ' '), valid_from, valid_to, $6, $7, $8
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::date[])
        AS new (entry_id, service_code, specialities, valid_from, valid_to)
    """
)
NEEDS = Query[Need](
    """
    SELECT entry_id, service_code, specialities, valid_from, valid_to, basis, entered_at
      FROM registry.speciality_need_entry
     WHERE $1::uuid IS NULL OR entry_id > $1
     ORDER BY entry_id
     LIMIT $2
    """
)
# In order, so that two batches with the same certificates queue up.
RECORD = Query[None](
    """
    INSERT INTO registry.specialist_certificate (
        source, number, seq, iin_hash, speciality, valid_from, valid_to, withdrawn, told_at
    )
    SELECT $8, number, seq, iin_hash, speciality, valid_from, valid_to, withdrawn, $9
      FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::date[], $6::date[],
                  $7::bool[])
        AS new (number, seq, iin_hash, speciality, valid_from, valid_to, withdrawn)
     ORDER BY number, seq
    ON CONFLICT DO NOTHING
    """
)
