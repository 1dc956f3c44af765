"""SQL of visit days."""

from backend.kernel.db import Query
from backend.visits.day.model import DayCell

# $1 facilities, $2 the legal day, $3 how far is near, $4 how much unsureness is added to that.
CELLS = Query[DayCell](
    """
    SELECT facility_id, grade,
           extract(hour FROM at AT TIME ZONE interval '+05:00')::int AS hour,
           count(*)::int AS visits,
           (count(*) FILTER (WHERE distance_m <= $3::int + least(accuracy_m, $4::int)))::int AS near,
           count(distance_m)::int AS placed,
           max(at) AS last_at
      FROM visits.visit
     WHERE facility_id = ANY ($1::uuid[]) AND visit_date = $2
     GROUP BY facility_id, grade, hour
    """
)
