"""SQL of the law's figures."""

from backend.kernel.db import Query

ADD_WAGE = Query[None](
    """
    INSERT INTO registry.minimum_wage (year, amount_tiyn, source, entered_by, entered_at, evidence_id)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (year, entered_at) DO NOTHING
    """
)
ADD_CATEGORY = Query[str](
    """
    INSERT INTO registry.privilege_category (code, valid_from, payer, kk, ru, en, source, evidence_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (code, valid_from) DO NOTHING
    RETURNING code
    """
)
