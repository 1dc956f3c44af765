"""SQL of closed channels."""

from backend.kernel.db import Query

CLOSE = Query[None](
    """
    INSERT INTO visits.closed_channel (person_id, closed_at)
    VALUES ($1, $2)
    ON CONFLICT (person_id) DO NOTHING
    """
)
REOPEN = Query[None]("DELETE FROM visits.closed_channel WHERE person_id = $1")
IS_CLOSED = Query[bool]("SELECT EXISTS (SELECT FROM visits.closed_channel WHERE person_id = $1)")
