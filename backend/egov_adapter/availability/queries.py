"""SQL of the measurements."""

from backend.egov_adapter.availability.model import Measured
from backend.kernel.db import Query

KNOWN = Query[bool]("SELECT EXISTS (SELECT FROM egov.availability_minute WHERE minute = $1)")
ADD = Query[None](
    "INSERT INTO egov.availability_minute (minute, answered) VALUES ($1, $2) ON CONFLICT DO NOTHING"
)
SINCE = Query[Measured](
    """
    SELECT min(minute) AS since, count(*) AS measured, count(*) FILTER (WHERE answered) AS answered
      FROM egov.availability_minute
     WHERE minute > $1
    """
)
FORGET = Query[None]("DELETE FROM egov.availability_minute WHERE minute < $1")
