"""SQL of the directories."""

from backend.kernel.db import Query
from backend.registry.directory.model import AccountingField, Mis

ADD_MIS = Query[None](
    """
    INSERT INTO registry.mis_entry (entry_id, code, name, conforms, basis, evidence_id, entered_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
ALL_MIS = Query[Mis](
    "SELECT code, name, conforms, basis, entered_at FROM registry.mis_now ORDER BY code"
)
MIS = Query[Mis](
    "SELECT code, name, conforms, basis, entered_at FROM registry.mis_now WHERE code = $1"
)
ADD_FIELD = Query[None](
    """
    INSERT INTO registry.accounting_field_entry (
        entry_id, code, title_kk, title_ru, kind, required, retired, basis, evidence_id, entered_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    """
)
FIELDS = Query[AccountingField](
    """
    SELECT code, title_kk, title_ru, kind, required, basis, entered_at
      FROM registry.accounting_field_now
     ORDER BY code
    """
)
