"""SQL of persons, identities and the signals that open accounts."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.person.model import Claimed, Entered, SealedIdentity, Signalled

RESOLVE = Query[Claimed](
    "SELECT iin_hash, person_id FROM registry.iin_claim WHERE iin_hash = ANY ($1::bytea[])"
)
# In the order of the hashes, so that two batches with the same persons queue up.
CLAIM = Query[Claimed](
    """
    INSERT INTO registry.iin_claim (iin_hash, person_id)
    SELECT iin_hash, person_id
      FROM unnest($1::bytea[], $2::uuid[]) AS new (iin_hash, person_id)
     ORDER BY iin_hash
    ON CONFLICT (iin_hash) DO NOTHING
    RETURNING iin_hash, person_id
    """
)
ADD_PERSONS = Query[None](
    """
    INSERT INTO registry.person (person_id, added_at)
    SELECT person_id, $2 FROM unnest($1::uuid[]) AS new (person_id)
    """
)
ADD_ACCOUNTS = Query[None](
    """
    INSERT INTO registry.account (person_id, status)
    SELECT person_id, 'NONE' FROM unnest($1::uuid[]) AS new (person_id)
    """
)
SET_REGIONS = Query[None](
    """
    UPDATE registry.person SET region = new.region
      FROM unnest($1::uuid[], $2::text[]) AS new (person_id, region)
     WHERE person.person_id = new.person_id AND person.region IS DISTINCT FROM new.region
    """
)
ENTER = Query[Entered](
    """
    INSERT INTO registry.identity AS known (person_id, sealed, fingerprint, changed_at)
    SELECT person_id, sealed, fingerprint, $4
      FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS new (person_id, sealed, fingerprint)
     ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE
       SET sealed = EXCLUDED.sealed, fingerprint = EXCLUDED.fingerprint, changed_at = $4
     WHERE known.fingerprint <> EXCLUDED.fingerprint
    RETURNING known.person_id, old.person_id IS NULL
    """
)
# Each of the two signals opens the account if the other has come before (D11). Rows are locked in
# order first; a row changed meanwhile is read anew by the update.
SIGNAL_MIS = Query[Signalled](
    """
    WITH locked AS MATERIALIZED (
        SELECT person_id FROM registry.account
         WHERE person_id = ANY ($1::uuid[])
         ORDER BY person_id FOR UPDATE
    )
    UPDATE registry.account
       SET signal_mis_at = $2,
           status = CASE WHEN status = 'NONE' AND signal_visit_at IS NOT NULL THEN 'OPEN'
                         ELSE status END,
           opened_at = CASE WHEN status = 'NONE' AND signal_visit_at IS NOT NULL THEN $2
                            ELSE opened_at END
      FROM locked
     WHERE account.person_id = locked.person_id AND account.signal_mis_at IS NULL
    RETURNING account.person_id, old.status = 'NONE' AND new.status = 'OPEN'
    """
)
SIGNAL_VISIT = Query[Signalled](
    """
    WITH locked AS MATERIALIZED (
        SELECT person_id, seen_at
          FROM registry.account
          JOIN unnest($1::uuid[], $3::timestamptz[]) AS seen (person_id, seen_at) USING (person_id)
         ORDER BY person_id FOR UPDATE OF account
    )
    UPDATE registry.account
       SET signal_visit_at = locked.seen_at,
           status = CASE WHEN status = 'NONE' AND signal_mis_at IS NOT NULL THEN 'OPEN'
                         ELSE status END,
           opened_at = CASE WHEN status = 'NONE' AND signal_mis_at IS NOT NULL
                            THEN $2::timestamptz ELSE opened_at END
      FROM locked
     WHERE account.person_id = locked.person_id AND account.signal_visit_at IS NULL
    RETURNING account.person_id, old.status = 'NONE' AND new.status = 'OPEN'
    """
)
OPENED = Query[UUID](
    """
    SELECT person_id FROM registry.account
     WHERE person_id = ANY ($1::uuid[]) AND status IN ('OPEN', 'BLOCKED')
    """
)
IDENTITIES = Query[SealedIdentity](
    "SELECT person_id, sealed FROM registry.identity WHERE person_id = ANY ($1::uuid[])"
)
