"""SQL of the payments' pool: the daily rounds of questions about licences and debts, e-invoices compared."""

from backend.app.freshness.model import Answer
from backend.kernel.db import Query

# A round in which nobody was to be asked about leaves nothing stale.
ANSWERS = Query[Answer](
    """
    SELECT CASE ground WHEN 'S1' THEN 'permits.daily' ELSE 'tax.daily' END AS channel,
           max(concluded_at) AS answered_at
      FROM payments.detection_round
     WHERE ground IN ('S1', 'S2') AND (asked = 0 OR unknown < asked)
     GROUP BY ground
    UNION ALL
    SELECT 'tax.invoices', max(check_at)
      FROM payments.e_invoice
     WHERE status IN ('ISSUED', 'LINKED') AND check_at > '-infinity'
    """
)
