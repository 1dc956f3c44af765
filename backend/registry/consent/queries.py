"""SQL of consents."""

from backend.kernel.db import Query
from backend.registry.consent.model import ConsentRow, ConsentWord

ADD = Query[None](
    """
    INSERT INTO registry.consent (person_id, consent_id, purpose, given, at, expires_at, proof,
        proof_id, representation_id)
    SELECT $1, consent_id, purpose, $4, $5, $6, $7, $8, $9
      FROM unnest($2::uuid[], $3::text[]) AS said (consent_id, purpose)
    """
)
# Of two at once the later one stands; a clock that stepped back changes nothing of that.
SET_STATE = Query[None](
    """
    INSERT INTO registry.consent_state AS s (person_id, purpose, consent_id, given, at, expires_at)
    SELECT $1, purpose, consent_id, $4, $5, $6
      FROM unnest($2::uuid[], $3::text[]) AS said (consent_id, purpose)
    ON CONFLICT (person_id, purpose) DO UPDATE
       SET consent_id = EXCLUDED.consent_id, given = EXCLUDED.given, at = EXCLUDED.at,
           expires_at = EXCLUDED.expires_at
    """
)
STATES = Query[ConsentRow](
    """
    SELECT purpose, given, at, expires_at
      FROM registry.consent_state
     WHERE person_id = $1
    """
)
STATE = Query[ConsentRow](
    """
    SELECT purpose, given, at, expires_at
      FROM registry.consent_state
     WHERE person_id = $1 AND purpose = $2
    """
)
WORDS = Query[ConsentWord](
    """
    SELECT consent_id, purpose, given, at, expires_at, proof,
           representation_id IS NOT NULL AS by_representative
      FROM registry.consent
     WHERE person_id = $1 AND ($2::uuid IS NULL OR consent_id < $2)
     ORDER BY consent_id DESC
     LIMIT $3
    """
)
