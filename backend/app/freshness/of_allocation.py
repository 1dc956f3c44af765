"""SQL of the placement's pool: what outside systems said of applicants."""

from backend.app.freshness.model import Answer
from backend.kernel.db import Query

ANSWERS = Query[Answer](
    """
    SELECT 'permits.applications' AS channel, max(asked_at) AS answered_at
      FROM allocation.confirmation WHERE kind = 'LICENCE' AND status <> 'UNKNOWN'
    UNION ALL
    SELECT 'tax.applications', max(asked_at)
      FROM allocation.confirmation WHERE kind = 'TAX' AND status <> 'UNKNOWN'
    UNION ALL
    SELECT 'moh.capacities', max(asked_at)
      FROM allocation.capacity_run AS run
     WHERE EXISTS (SELECT FROM allocation.capacity_reading AS reading
                    WHERE reading.run_id = run.run_id AND reading.outcome <> 'UNAVAILABLE')
    """
)
