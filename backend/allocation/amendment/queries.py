"""SQL of supplementary agreements."""

from uuid import UUID

from backend.allocation.amendment.model import (
    Amendment,
    AmendmentState,
    CoExecutorPart,
    ContractNow,
    LineChange,
    LineNow,
    PlanChangeNow,
)
from backend.kernel.db import Query

CONTRACT_FOR_UPDATE = Query[ContractNow](
    """
    SELECT c.contract_id, c.number, a.plan_id, c.application_id, c.executor_id, c.source, c.status,
           encode(c.content_sha256, 'hex') AS content_sha256, c.executor_signed_at
      FROM allocation.contract c
      JOIN allocation.decision d USING (decision_id)
      JOIN allocation.announcement a ON a.announcement_id = d.announcement_id
     WHERE c.contract_id = $1
       FOR UPDATE OF c
    """
)
PLAN_CHANGE = Query[PlanChangeNow](
    """
    SELECT change_id, plan_id, no, grounds, status = 'APPLIED' AS applied, justification
      FROM allocation.plan_change
     WHERE change_id = $1
    """
)
# The lines of the contract's plan: what the contract has of each, what of it is free.
LINES = Query[LineNow](
    """
    SELECT l.line_id, l.code, l.source, l.title_kk, l.title_ru, l.unit,
           l.tariff_tiyn AS plan_tariff_tiyn, coalesce(own.units, 0) AS contract_units,
           own.tariff_tiyn AS contract_tariff_tiyn,
           coalesce(own.amount_tiyn, 0) AS contract_amount_tiyn,
           (l.planned_units - coalesce(contracted.units, 0) - coalesce(announced.units, 0))::bigint
               AS free_units
      FROM allocation.plan_line_now l
      LEFT JOIN allocation.contract_line_now own
        ON own.contract_id = $2 AND own.line_id = l.line_id
      LEFT JOIN LATERAL (
        SELECT sum(x.units) AS units
          FROM allocation.contract_line_now x JOIN allocation.contract c USING (contract_id)
         WHERE x.line_id = l.line_id AND c.status NOT IN ('LAPSED', 'TERMINATED_BY_ISSUER')
      ) contracted ON true
      LEFT JOIN LATERAL (
        SELECT sum(x.units) AS units
          FROM allocation.announcement_line x JOIN allocation.announcement a USING (announcement_id)
         WHERE x.line_id = l.line_id AND a.status IN ('PUBLISHED', 'ACCEPTING', 'CLOSED')
      ) announced ON true
     WHERE l.plan_id = $1 AND l.line_id = ANY ($3::uuid[])
    """
)
CONTRACT_AMOUNT = Query[int](
    """
    SELECT coalesce(sum(amount_tiyn), 0)::bigint FROM allocation.contract_line_now
     WHERE contract_id = $1
    """
)
CO_EXECUTOR_PARTS = Query[CoExecutorPart](
    """
    SELECT p.line_id, p.co_executor_no, p.requested AS asked, l.requested AS asked_in_all
      FROM allocation.application_part p
      JOIN allocation.application_line l USING (application_id, line_id)
     WHERE p.application_id = $1
     ORDER BY p.co_executor_no, p.line_id
    """
)
NEXT_NO = Query[int](
    """
    SELECT coalesce(max(no), 0) + 1 FROM allocation.contract_amendment WHERE contract_id = $1
    """
)
ADD = Query[None](
    """
    INSERT INTO allocation.contract_amendment (
        amendment_id, contract_id, no, change_id, content, content_sha256, amount_before_tiyn,
        amount_after_tiyn, formed_at
    )
    VALUES ($1, $2, $3, $4, $5, sha256($5), $6, $7, $8)
    """
)
OPEN_CONSTRAINT = "contract_amendment_open"
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.contract_amendment_line (
        amendment_id, line_id, units_before, units_after, tariff_tiyn, amount_before, amount_after
    )
    SELECT $1, line_id, units_before, units_after, tariff_tiyn, amount_before, amount_after
      FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS new (line_id, units_before, units_after, tariff_tiyn, amount_before, amount_after)
    """
)
_STATE = """
    SELECT m.amendment_id, m.contract_id, c.executor_id, c.status AS contract_status, m.change_id,
           m.status, m.content
      FROM allocation.contract_amendment m JOIN allocation.contract c USING (contract_id)
     WHERE m.amendment_id = $1
"""
STATE = Query[AmendmentState](_STATE)
FOR_UPDATE = Query[AmendmentState](_STATE + " FOR UPDATE OF m")
SIGN_AS_ISSUER = Query[None](
    """
    UPDATE allocation.contract_amendment
       SET status = 'IN_SIGNING', issuer_signed_at = $2, issuer_evidence_id = $3
     WHERE amendment_id = $1
    """
)
SIGN_AS_EXECUTOR = Query[None](
    """
    UPDATE allocation.contract_amendment
       SET status = 'SIGNED', executor_signed_at = $2, executor_evidence_id = $3
     WHERE amendment_id = $1
    """
)
WITHDRAW = Query[None](
    """
    UPDATE allocation.contract_amendment
       SET status = 'WITHDRAWN', withdrawn_at = $2, withdrawal_evidence_id = $3
     WHERE amendment_id = $1
    """
)
_ROW = """
    SELECT m.amendment_id, c.number || '/' || m.no AS number, m.contract_id, m.change_id,
           c.executor_id, o.bin AS executor_bin, o.name AS executor_name, m.status,
           m.amount_before_tiyn, m.amount_after_tiyn,
           encode(m.content_sha256, 'hex') AS content_sha256, m.formed_at, m.issuer_signed_at,
           m.executor_signed_at, m.withdrawn_at
      FROM allocation.contract_amendment m
      JOIN allocation.contract c USING (contract_id)
      JOIN registry.organisation o ON o.organisation_id = c.executor_id
"""
ONE = Query[Amendment](_ROW + " WHERE m.amendment_id = $1")
OF_CONTRACT = Query[Amendment](_ROW + " WHERE m.contract_id = $1 ORDER BY m.no")
CHANGES = Query[LineChange](
    """
    SELECT x.line_id, l.code, l.title_kk, l.title_ru, l.unit, x.tariff_tiyn, x.units_before,
           x.units_after, x.amount_before, x.amount_after
      FROM allocation.contract_amendment_line x JOIN allocation.plan_line l USING (line_id)
     WHERE x.amendment_id = $1
     ORDER BY l.code
    """
)
EXECUTOR_OF = Query[UUID]("SELECT executor_id FROM allocation.contract WHERE contract_id = $1")
