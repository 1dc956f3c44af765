"""SQL of the licence matrix."""

from backend.allocation.licence_need.model import Need
from backend.kernel.db import Query

ADD = Query[None](
    """
    INSERT INTO allocation.licence_need_entry (
        entry_id, service_type, kinds, basis, evidence_id, entered_at
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
ALL = Query[Need](
    """
    SELECT DISTINCT ON (service_type) service_type, kinds, basis, entered_at
      FROM allocation.licence_need_entry
     ORDER BY service_type, entry_id DESC
    """
)
OF_SERVICES = Query[Need](
    """
    SELECT DISTINCT ON (service_type) service_type, kinds, basis, entered_at
      FROM allocation.licence_need_entry
     WHERE service_type = ANY ($1::text[])
     ORDER BY service_type, entry_id DESC
    """
)
