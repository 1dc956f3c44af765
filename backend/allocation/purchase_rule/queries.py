"""SQL of the directory of purchase rules."""

from backend.allocation.purchase_rule.model import PurchaseRule
from backend.kernel.db import Query

ADD = Query[None](
    """
    INSERT INTO allocation.purchase_rule_entry (
        entry_id, code, title_kk, title_ru, retired, evidence_id, entered_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
IN_FORCE = Query[PurchaseRule](
    """
    SELECT code, title_kk, title_ru, entered_at
      FROM (
        SELECT DISTINCT ON (code) code, title_kk, title_ru, retired, entered_at
          FROM allocation.purchase_rule_entry
         ORDER BY code, entry_id DESC
      ) last
     WHERE NOT retired
     ORDER BY code
    """
)
