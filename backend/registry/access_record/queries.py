"""SQL of access records."""

from backend.kernel.db import Query
from backend.registry.access_record.model import AccessRecord, Horizon

# One statement for one person or a page of them; a person named twice is noted once.
ADD = Query[None](
    """
    INSERT INTO registry.access_record (
        person_id, record_id, at, own, organisation, role, staff, operation, basis, basis_id, fields
    )
    SELECT person_id, uuidv7(), $2, false, $3, $4, $5, $6, $7, $8, $9
      FROM (SELECT DISTINCT person_id FROM unnest($1::uuid[]) AS read (person_id)) AS people
    """
)
# Each with the paper that lets it be read.
ADD_EACH = Query[None](
    """
    INSERT INTO registry.access_record (
        person_id, record_id, at, own, role, staff, operation, basis, basis_id, fields
    )
    SELECT DISTINCT ON (person_id, basis_id)
           person_id, uuidv7(), $3::timestamptz, false, $4::text, $5::bytea, $6::text, $7::text,
           basis_id, $8::text[]
      FROM unnest($1::uuid[], $2::text[]) AS read (person_id, basis_id)
    """
)
# A session is noted by its first read, whichever process answers it.
# Nobody waits for the disk here: a crash may cost the last moment's notes of people reading what is
# their own, and nothing else of this table.
ADD_OWN = Query[None](
    """
    WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO registry.access_record (
        person_id, record_id, at, own, session_id, role, operation, basis, fields
    )
    SELECT n.person_id, uuidv7(), n.at, true, n.session_id, n.role, n.operation, 'OWN', '{RECORD}'
      FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[])
           AS n (person_id, at, session_id, role, operation), unhurried
     ORDER BY n.person_id, n.session_id
    ON CONFLICT DO NOTHING
    """
)
OF_PERSON = Query[AccessRecord](
    """
    SELECT a.record_id, a.at, a.own, o.name AS organisation, a.role, a.staff, a.basis, a.fields
      FROM registry.access_record a
      LEFT JOIN registry.organisation o ON o.bin = a.organisation
     WHERE a.person_id = $1 AND ($2::uuid IS NULL OR a.record_id < $2)
     ORDER BY a.record_id DESC
     LIMIT $3
    """
)
HORIZON = Query[Horizon]("SELECT before, cleared FROM registry.access_horizon")
MOVE_HORIZON = Query[None](
    "UPDATE registry.access_horizon SET before = $1, cleared = false WHERE before < $1"
)
CLEARED = Query[None](
    "UPDATE registry.access_horizon SET cleared = true WHERE before = $1 AND NOT cleared"
)
FORGET = Query[None](
    """
    DELETE FROM registry.access_record
     WHERE (person_id, record_id) IN (
           SELECT person_id, record_id FROM registry.access_record
            WHERE at < (SELECT before FROM registry.access_horizon)
            LIMIT $1)
    """
)
