"""SQL of plan changes."""

from uuid import UUID

from backend.allocation.plan_change.model import EditRow, LineNow, PlanChange
from backend.kernel.db import Query

_CHANGE = """
    SELECT change_id, plan_id, no, grounds, route, status, justification, gvfmc_limit_tiyn,
           mhi_limit_tiyn, sent_at, silence_ends_at, answered_at, remarks, ended_at
      FROM allocation.plan_change
"""
ONE = Query[PlanChange](_CHANGE + " WHERE change_id = $1")
FOR_UPDATE = Query[PlanChange](_CHANGE + " WHERE change_id = $1 FOR UPDATE")
OF_PLAN = Query[PlanChange](
    _CHANGE + " WHERE plan_id = $1 AND ($2::integer IS NULL OR no > $2) ORDER BY no LIMIT $3"
)
NEXT_NO = Query[int](
    "SELECT coalesce(max(no), 0) + 1 FROM allocation.plan_change WHERE plan_id = $1"
)
ADD = Query[None](
    """
    INSERT INTO allocation.plan_change (
        change_id, plan_id, no, grounds, route, status, justification, gvfmc_limit_tiyn,
        mhi_limit_tiyn, evidence_id, sent_at, silence_ends_at
    ) VALUES ($1, $2, $3, $4, $5, 'SENT_TO_MOH', $6, $7, $8, $9, $10, $11)
    """
)
ADD_EDITS = Query[None](
    """
    INSERT INTO allocation.plan_change_edit (
        change_id, place, kind, code, planned_units, line, new_code, tariff_tiyn
    )
    SELECT $1, place, kind, code, planned_units, line, new_code, tariff_tiyn
      FROM unnest($2::text[], $3::text[], $4::bigint[], $5::jsonb[], $6::text[], $7::bigint[])
        WITH ORDINALITY AS new (kind, code, planned_units, line, new_code, tariff_tiyn, place)
    """
)
EDITS = Query[EditRow](
    """
    SELECT kind, code, planned_units, line, new_code, tariff_tiyn
      FROM allocation.plan_change_edit
     WHERE change_id = $1
     ORDER BY place
    """
)
ANSWER = Query[None](
    """
    UPDATE allocation.plan_change
       SET status = $2, answer_evidence_id = $3, answered_at = $4, remarks = $5
     WHERE change_id = $1
    """
)
END = Query[None](
    """
    UPDATE allocation.plan_change SET status = $2, ended_evidence_id = $3, ended_at = $4
     WHERE change_id = $1
    """
)
# What is promised of each line: contracts that were not given up (a signed decision has them all), and
# announcements without a signed decision.
LINES = Query[LineNow](
    """
    SELECT l.line_id, l.code, l.source, l.planned_units, l.tariff_tiyn, l.amount_tiyn,
           coalesce(contracted.units, 0)::bigint AS committed_units,
           coalesce(announced.units, 0)::bigint AS announced_units
      FROM allocation.plan_line_now l
      LEFT JOIN LATERAL (
        SELECT sum(x.units) AS units
          FROM allocation.contract_line_now x JOIN allocation.contract c USING (contract_id)
         WHERE x.line_id = l.line_id AND c.status <> 'LAPSED'
      ) contracted ON true
      LEFT JOIN LATERAL (
        SELECT sum(x.units) AS units
          FROM allocation.announcement_line x JOIN allocation.announcement a USING (announcement_id)
         WHERE x.line_id = l.line_id AND a.status IN ('PUBLISHED', 'ACCEPTING', 'CLOSED')
      ) announced ON true
     WHERE l.plan_id = $1
    """
)
RECORD_LINES = Query[None](
    """
    INSERT INTO allocation.plan_line_change (
        change_id, line_id, no, units_before, units_after, amount_before, amount_after
    )
    SELECT $1, line_id,
           1 + (SELECT count(*) FROM allocation.plan_line_change c WHERE c.line_id = new.line_id),
           units_before, units_after, amount_before, amount_after
      FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS new (line_id, units_before, units_after, amount_before, amount_after)
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.plan_line (
        line_id, plan_id, added_by, replaces, code, source, region, service_type, care_form, title_kk,
        title_ru, unit, planned_units, tariff_tiyn, amount_tiyn, base_kind, payment_method, lot,
        phc_full, v_max_percent
    )
    SELECT new.line_id, $1, $2, new.replaces, new.code,
           coalesce(old.source, d.source), coalesce(old.region, d.region),
           coalesce(old.service_type, d.service_type), coalesce(old.care_form, d.care_form),
           coalesce(old.title_kk, d.title_kk), coalesce(old.title_ru, d.title_ru),
           coalesce(old.unit, d.unit), new.planned_units, new.tariff_tiyn,
           new.planned_units * coalesce(new.tariff_tiyn, 1),
           coalesce(old.base_kind, d.base_kind), coalesce(old.payment_method, d.payment_method),
           coalesce(old.lot, d.lot), coalesce(old.phc_full, d.phc_full),
           coalesce(old.v_max_percent, d.v_max_percent)
      FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::jsonb[])
        AS new (line_id, replaces, code, planned_units, tariff_tiyn, draft)
      LEFT JOIN allocation.plan_line old ON old.line_id = new.replaces
      LEFT JOIN LATERAL jsonb_to_record(new.draft) AS d (
        source text, region text, service_type text, care_form text, title_kk text, title_ru text,
        unit text, base_kind text, payment_method text, lot boolean, phc_full boolean,
        v_max_percent integer) ON true
    """
)
AMEND = Query[None](
    "UPDATE allocation.plan SET status = 'AMENDED' WHERE plan_id = $1 AND status = 'PUBLISHED'"
)
# Ten working days without remarks are over: the ministry owes nothing more (P 20).
END_SILENCE = Query[UUID](
    """
    UPDATE kernel.term t SET done_at = c.silence_ends_at
      FROM allocation.plan_change c
     WHERE t.code = 'd16' AND t.subject = c.change_id AND t.done_at IS NULL
       AND c.status = 'SENT_TO_MOH' AND c.silence_ends_at < $1
    RETURNING t.subject
    """
)
