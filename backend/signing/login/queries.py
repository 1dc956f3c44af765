"""SQL of challenges and sessions."""

from backend.kernel.db import Query
from backend.signing.login.model import ChallengeRow, SessionRow

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
        session_id, token_sha256, roles, bin, person_id, signer, opened_at, expires_at, sole_sealed
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
)
FIND_SESSIONS = Query[SessionRow](
    """
    SELECT token_sha256, session_id, roles, bin, person_id, signer, expires_at, sole_sealed
      FROM signing.session
     WHERE token_sha256 = ANY ($1::bytea[]) AND closed_at IS NULL
    """
)
CLOSE_SESSION = Query[None](
    "UPDATE signing.session SET closed_at = $2 WHERE session_id = $1 AND closed_at IS NULL"
)
