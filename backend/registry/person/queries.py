"""SQL of persons, identities and the signals that open accounts."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.person.model import Claimed, Entered, SealedIdentity, Signalled, Unhashed

RESOLVE = Query[Claimed](
    "SELECT iin_hash, person_id FROM person.iin_claim WHERE iin_hash = ANY ($1::bytea[])"
)
# In the order of the hashes, so that two batches with the same persons queue up. A process that still
# hashes with a key that is gone claims nobody: it would claim people a second time.
CLAIM = Query[Claimed](
    """
    INSERT INTO person.iin_claim (iin_hash, person_id, key_id, sealed)
    SELECT iin_hash, person_id, $4, sealed
      FROM unnest($1::bytea[], $2::uuid[], $3::bytea[]) AS new (iin_hash, person_id, sealed)
     WHERE EXISTS (SELECT FROM kernel.lookup_key WHERE key_id = $4)
        OR NOT EXISTS (SELECT FROM kernel.lookup_key)
     ORDER BY iin_hash
    ON CONFLICT DO NOTHING
    RETURNING iin_hash, person_id
    """
)
# Of two keys, one hash was another's already: ours follows it.
YIELD = Query[None](
    """
    UPDATE person.iin_claim c SET person_id = theirs.person_id, sealed = theirs.sealed
      FROM unnest($1::bytea[], $2::uuid[], $3::bytea[]) AS theirs (iin_hash, person_id, sealed)
     WHERE c.iin_hash = theirs.iin_hash
    """
)
UNHASHED = Query[Unhashed](
    """
    SELECT c.person_id, c.sealed, i.sealed AS identity
      FROM person.iin_claim c
      LEFT JOIN person.identity i ON i.person_id = c.person_id
     WHERE c.key_id = $1 AND c.person_id > $3
       AND NOT EXISTS (SELECT FROM person.iin_claim n
                        WHERE n.person_id = c.person_id AND n.key_id = $2)
     ORDER BY c.person_id
     LIMIT $4
    """
)
DROP_HASHES = Query[None](
    """
    DELETE FROM person.iin_claim
     WHERE (person_id, key_id) IN (
           SELECT o.person_id, o.key_id FROM person.iin_claim o
             JOIN person.iin_claim n ON n.person_id = o.person_id AND n.key_id = $2
            WHERE o.key_id = $1
            LIMIT $3)
    """
)
LEFT_UNDER = Query[int]("SELECT count(*) FROM person.iin_claim WHERE key_id = $1")
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
    INSERT INTO person.identity AS known (person_id, sealed, fingerprint, changed_at)
    SELECT person_id, sealed, fingerprint, $4
      FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS new (person_id, sealed, fingerprint)
     ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE
       SET sealed = EXCLUDED.sealed, fingerprint = EXCLUDED.fingerprint, changed_at = $4
     WHERE known.fingerprint <> EXCLUDED.fingerprint
    RETURNING known.person_id, old.fingerprint AS before, new.fingerprint AS after
    """
)
# In order, and in a statement of its own: what follows sees the accounts as they stand.
LOCK_ACCOUNTS = Query[UUID](
    """
    SELECT person_id
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.account USING (person_id)
     ORDER BY person_id
       FOR UPDATE OF account
    """
)
# Each of the two signals opens the account if the other has come before (D11).
SIGNAL_MIS = Query[Signalled](
    """
    UPDATE registry.account
       SET signal_mis_at = $2,
           status = CASE WHEN status = 'NONE' AND signal_visit_at IS NOT NULL THEN 'OPEN'
                         ELSE status END,
           opened_at = CASE WHEN status = 'NONE' AND signal_visit_at IS NOT NULL
                            THEN $2::timestamptz ELSE opened_at END
      FROM unnest($1::uuid[]) AS entered (person_id)
     WHERE account.person_id = entered.person_id AND account.signal_mis_at IS NULL
    RETURNING account.person_id, old.status = 'NONE' AND new.status = 'OPEN' AS opened
    """
)
SIGNAL_VISIT = Query[Signalled](
    """
    UPDATE registry.account
       SET signal_visit_at = seen.at,
           status = CASE WHEN status = 'NONE' AND signal_mis_at IS NOT NULL THEN 'OPEN'
                         ELSE status END,
           opened_at = CASE WHEN status = 'NONE' AND signal_mis_at IS NOT NULL
                            THEN $2::timestamptz ELSE opened_at END
      FROM unnest($1::uuid[], $3::timestamptz[]) AS seen (person_id, at)
     WHERE account.person_id = seen.person_id AND account.signal_visit_at IS NULL
    RETURNING account.person_id, old.status = 'NONE' AND new.status = 'OPEN' AS opened
    """
)
OPENED = Query[UUID](
    """
    SELECT person_id
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.account USING (person_id)
     WHERE status IN ('OPEN', 'BLOCKED')
    """
)
IDENTITIES = Query[SealedIdentity](
    "SELECT person_id, sealed FROM person.identity WHERE person_id = ANY ($1::uuid[])"
)
