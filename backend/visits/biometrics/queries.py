"""SQL of biometric sessions."""

from backend.kernel.db import Query
from backend.visits.biometrics.model import Session, SessionState

ADD = Query[None](
    """
    INSERT INTO visits.biometric_session (person_id, session_id, provider, started_at)
    VALUES ($1, $2, $3, $4)
    """
)
FIND = Query[Session](
    """
    SELECT person_id, session_id, provider, started_at, outcome, liveness, score_milli,
           evidence_sha256, finished_at
      FROM visits.biometric_session
     WHERE session_id = $1
    """
)
OWN = Query[SessionState](
    """
    SELECT session_id, provider, started_at, outcome, liveness, finished_at
      FROM visits.biometric_session
     WHERE person_id = $1 AND session_id = $2
    """
)
FINISH = Query[None](
    """
    UPDATE visits.biometric_session
       SET outcome = $2, liveness = $3, score_milli = $4, evidence_sha256 = $5, finished_at = $6
     WHERE session_id = $1 AND provider = $7 AND outcome = 'PENDING' AND started_at >= $8
    """
)
