"""SQL of codes and keys."""

from uuid import UUID

from backend.kernel.db import Query
from backend.visits.code.model import ClosedCode, KeyRow, OwnFacility, StoredCode

LOCK_KEYS = Query[None]("SELECT pg_advisory_xact_lock(7105301, 0)")
SIGNING_KEY = Query[KeyRow](
    """
    SELECT key_number, public_key, private_sealed, created_at, retired_at
      FROM visits.qr_key
     WHERE retired_at IS NULL
     ORDER BY key_number DESC
     LIMIT 1
    """
)
KEYS = Query[KeyRow](
    """
    SELECT key_number, public_key, private_sealed, created_at, retired_at
      FROM visits.qr_key
     ORDER BY key_number
    """
)
PUBLIC_KEY = Query[bytes]("SELECT public_key FROM visits.qr_key WHERE key_number = $1")
LAST_KEY_NUMBER = Query[int]("SELECT coalesce(max(key_number), 0)::int FROM visits.qr_key")
ADD_KEY = Query[None](
    """
    INSERT INTO visits.qr_key (key_number, public_key, private_sealed, created_at)
    VALUES ($1, $2, $3, $4)
    """
)
# A clock that was set back retires and revokes no earlier than it made (FAULTS 9).
RETIRE_KEYS = Query[None](
    "UPDATE visits.qr_key SET retired_at = greatest($1, created_at) WHERE retired_at IS NULL"
)
OWN_FACILITY = Query[OwnFacility](
    """
    SELECT f.facility_id, f.organisation_id, f.production, f.closed_on
      FROM registry.facility f
      JOIN registry.organisation o ON o.organisation_id = f.organisation_id
     WHERE f.facility_id = $1 AND o.bin = $2
    """
)
# Two operators rotating one facility's code take turns.
LOCK_FACILITY = Query[None]("SELECT pg_advisory_xact_lock(7105302, hashtext($1::uuid::text))")
REVOKE = Query[UUID](
    """
    UPDATE visits.facility_code SET revoked_at = greatest($2, issued_at)
     WHERE facility_id = $1 AND revoked_at IS NULL
    RETURNING code_id
    """
)
# $2 the legal day: codes of facilities that give no care any more, some at a time.
REVOKE_CLOSED = Query[ClosedCode](
    """
    UPDATE visits.facility_code c SET revoked_at = greatest($1, c.issued_at)
      FROM (SELECT l.code_id, f.organisation_id
              FROM registry.facility f
              JOIN visits.facility_code l ON l.facility_id = f.facility_id AND l.revoked_at IS NULL
             WHERE f.closed_on <= $2
             LIMIT $3
               FOR UPDATE OF l SKIP LOCKED) AS ended
     WHERE c.code_id = ended.code_id
    RETURNING c.code_id, c.facility_id, ended.organisation_id
    """
)
HAS_CLOSED = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM registry.facility f
          JOIN visits.facility_code l ON l.facility_id = f.facility_id AND l.revoked_at IS NULL
         WHERE f.closed_on <= $1)
    """
)
ADD = Query[None](
    """
    INSERT INTO visits.facility_code (code_id, facility_id, key_number, code, issued_at)
    VALUES ($1, $2, $3, $4, $5)
    """
)
LIVE = Query[StoredCode](
    """
    SELECT code_id, facility_id, code, issued_at
      FROM visits.facility_code
     WHERE facility_id = $1 AND revoked_at IS NULL
    """
)
