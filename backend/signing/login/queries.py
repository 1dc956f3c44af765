"""SQL of challenges and sessions."""

from uuid import UUID

from backend.kernel.db import Query
from backend.signing.login.model import ChallengeRow, RenewalRow, SessionRow

ADD_CHALLENGE = Query[None](
    "INSERT INTO signing.challenge (challenge_id, nonce, origin, expires_at) VALUES ($1, $2, $3, $4)"
)
FIND_CHALLENGE = Query[ChallengeRow](
    """
    SELECT challenge_id, nonce, origin, expires_at
      FROM signing.challenge
     WHERE challenge_id = $1 AND used_at IS NULL
    """
)
USE_CHALLENGE = Query[None](
    """
    UPDATE signing.challenge SET used_at = $2
     WHERE challenge_id = $1 AND used_at IS NULL AND expires_at > $2
    """
)
FORGET_CHALLENGES = Query[None]("DELETE FROM signing.challenge WHERE expires_at < $1")
ADD_SESSION = Query[None](
    """
    INSERT INTO signing.session (
        session_id, token_sha256, roles, bin, person_id, signer, opened_at, expires_at, sole_sealed,
        channel, scopes, representation_id, family_id, family_until
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    """
)
FIND_SESSIONS = Query[SessionRow](
    """
    SELECT token_sha256, session_id, roles, bin, person_id, signer, expires_at, sole_sealed,
           channel, scopes, representation_id
      FROM signing.session
     WHERE token_sha256 = ANY ($1::bytea[]) AND closed_at IS NULL
    """
)
CLOSE_SESSION = Query[None](
    "UPDATE signing.session SET closed_at = $2 WHERE session_id = $1 AND closed_at IS NULL"
)
CLOSE_CHANNEL = Query[UUID](
    """
    UPDATE signing.session SET closed_at = $3
     WHERE person_id = $1 AND channel = $2 AND closed_at IS NULL AND opened_at <= $3
    RETURNING session_id
    """
)
CLOSE_REPRESENTATION = Query[UUID](
    """
    UPDATE signing.session SET closed_at = $3
     WHERE person_id = $1 AND representation_id = $2 AND closed_at IS NULL
    RETURNING session_id
    """
)
# --- renewal: two at once of one word take turns ---------------------------------------------------

ADD_RENEWAL = Query[None](
    "INSERT INTO signing.renewal (renewal_sha256, session_id) VALUES ($1, $2)"
)
FIND_RENEWAL = Query[RenewalRow](
    """
    SELECT r.used_at, s.session_id, s.roles, s.person_id, s.signer, s.channel, s.scopes,
           s.family_id, s.family_until, s.closed_at
      FROM signing.renewal r
      JOIN signing.session s ON s.session_id = r.session_id
     WHERE r.renewal_sha256 = $1
       FOR UPDATE OF r
    """
)
USE_RENEWAL = Query[None]("UPDATE signing.renewal SET used_at = $2 WHERE renewal_sha256 = $1")
CLOSE_FAMILY = Query[UUID](
    """
    UPDATE signing.session SET closed_at = $2
     WHERE family_id = $1 AND closed_at IS NULL
    RETURNING session_id
    """
)
