"""SQL of the registrar's calendar rows."""

from uuid import UUID

from backend.kernel.calendar import CalendarDay
from backend.kernel.db import Query
from backend.registry.calendar_day.model import CalendarChange, DayRow

# Two changes at once would each count the terms by half of the truth.
LOCK = Query[None]("SELECT pg_advisory_xact_lock(7105207)")
SET = Query[None](
    """
    INSERT INTO kernel.calendar_day (day, kind, source)
    VALUES ($1, $2, $3)
    ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, source = excluded.source
     WHERE calendar_day.kind <> excluded.kind
    """
)
REMOVE = Query[None]("DELETE FROM kernel.calendar_day WHERE day = $1")
ADD_CHANGE = Query[None](
    """
    INSERT INTO registry.calendar_change (change_id, day, kind, source, evidence_id, actor, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
ROWS = Query[CalendarDay]("SELECT day, kind, source FROM kernel.calendar_day ORDER BY day")
OF_YEAR = Query[DayRow](
    """
    SELECT day, kind, source
      FROM kernel.calendar_day
     WHERE day BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31)
     ORDER BY day
    """
)
HISTORY = Query[CalendarChange](
    """
    SELECT change_id, day, kind, source, actor, at
      FROM registry.calendar_change
     WHERE $1::uuid IS NULL OR change_id < $1
     ORDER BY change_id DESC
     LIMIT $2
    """
)
CHANGED_SINCE = Query[UUID](
    "SELECT change_id FROM registry.calendar_change WHERE at >= $1 ORDER BY at DESC LIMIT 1"
)
