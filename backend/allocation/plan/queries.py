"""SQL of plans and announcements."""

from uuid import UUID

from backend.allocation.plan.model import (
    Announcement,
    AnnouncementState,
    Plan,
    PlanLine,
    PlanState,
    SourceSum,
    WindowOver,
)
from backend.kernel.db import Query

LOCK_YEAR = Query[None]("SELECT pg_advisory_xact_lock(7105240, $1)")
NEXT_VERSION = Query[int](
    "SELECT coalesce(max(version), 0) + 1 FROM allocation.plan WHERE year = $1"
)
ADD_PLAN = Query[None](
    """
    INSERT INTO allocation.plan (plan_id, year, version, imported_at, imported_by, evidence_id)
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
ADD_LIMITS = Query[None](
    """
    INSERT INTO allocation.financing_limit (plan_id, source, limit_tiyn)
    VALUES ($1, 'gvfmc', $2), ($1, 'mhi', $3)
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.plan_line (
        line_id, plan_id, code, source, region, service_type, care_form, title_kk, title_ru, unit,
        planned_units, tariff_tiyn, amount_tiyn, base_kind, payment_method, lot, phc_full,
        v_max_percent
    )
    SELECT line_id, $1, code, source, region, service_type, care_form, title_kk, title_ru, unit,
           planned_units, tariff_tiyn, planned_units * coalesce(tariff_tiyn, 1), base_kind,
           payment_method, lot, phc_full, v_max_percent
      FROM unnest(
        $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[],
        $15::boolean[], $16::boolean[], $17::integer[]
      ) AS new (
        line_id, code, source, region, service_type, care_form, title_kk, title_ru, unit,
        planned_units, tariff_tiyn, base_kind, payment_method, lot, phc_full, v_max_percent
      )
    """
)
PLAN_FOR_UPDATE = Query[PlanState](
    "SELECT plan_id, year, status FROM allocation.plan WHERE plan_id = $1 FOR UPDATE"
)
SUMS = Query[SourceSum](
    """
    SELECT f.source, coalesce(sum(l.amount_tiyn), 0)::bigint AS amount_tiyn, f.limit_tiyn
      FROM allocation.financing_limit_now f
      LEFT JOIN allocation.plan_line_now l ON l.plan_id = f.plan_id AND l.source = f.source
     WHERE f.plan_id = $1
     GROUP BY f.source, f.limit_tiyn
     ORDER BY f.source
    """
)
APPROVE = Query[None](
    """
    UPDATE allocation.plan SET status = 'APPROVED', approved_at = $2, approval_evidence_id = $3
     WHERE plan_id = $1
    """
)
PUBLISH = Query[None](
    """
    UPDATE allocation.plan SET status = 'PUBLISHED', published_at = $2, publication_evidence_id = $3
     WHERE plan_id = $1
    """
)
ADD_ANNOUNCEMENT = Query[None](
    """
    INSERT INTO allocation.announcement (announcement_id, plan_id, posted_at, accepting_until, status)
    VALUES ($1, $2, $3, $4, 'ACCEPTING')
    """
)
ANNOUNCE_LINES = Query[None](
    """
    INSERT INTO allocation.announcement_line (announcement_id, line_id, plan_id, units, amount_tiyn)
    SELECT $1, line_id, plan_id, planned_units, amount_tiyn
      FROM allocation.plan_line
     WHERE plan_id = $2
    """
)
IN_FORCE_CONSTRAINT = "plan_in_force"

_PLAN = """
    SELECT p.plan_id, p.year, p.version, p.status,
           (SELECT count(*) FROM allocation.plan_line l WHERE l.plan_id = p.plan_id) AS lines,
           sum(s.amount_tiyn) FILTER (WHERE s.source = 'gvfmc')::bigint AS gvfmc_tiyn,
           sum(s.limit_tiyn) FILTER (WHERE s.source = 'gvfmc')::bigint AS gvfmc_limit_tiyn,
           sum(s.amount_tiyn) FILTER (WHERE s.source = 'mhi')::bigint AS mhi_tiyn,
           sum(s.limit_tiyn) FILTER (WHERE s.source = 'mhi')::bigint AS mhi_limit_tiyn,
           p.imported_at, p.approved_at, p.published_at
      FROM allocation.plan p
      CROSS JOIN LATERAL (
        SELECT f.source, f.limit_tiyn, coalesce(sum(l.amount_tiyn), 0) AS amount_tiyn
          FROM allocation.financing_limit_now f
          LEFT JOIN allocation.plan_line_now l ON l.plan_id = f.plan_id AND l.source = f.source
         WHERE f.plan_id = p.plan_id
         GROUP BY f.source, f.limit_tiyn
      ) s
"""
PLAN = Query[Plan](_PLAN + " WHERE p.plan_id = $1 GROUP BY p.plan_id")
PLANS = Query[Plan](
    _PLAN
    + """
     WHERE ($1::uuid IS NULL OR p.plan_id < $1)
     GROUP BY p.plan_id ORDER BY p.plan_id DESC LIMIT $2
    """
)
PUBLIC_PLANS = Query[Plan](
    _PLAN
    + """
     WHERE p.status IN ('PUBLISHED', 'AMENDED', 'CLOSED') AND ($1::uuid IS NULL OR p.plan_id < $1)
     GROUP BY p.plan_id ORDER BY p.plan_id DESC LIMIT $2
    """
)
PUBLIC_PLAN_ID = Query[UUID](
    """
    SELECT plan_id FROM allocation.plan
     WHERE plan_id = $1 AND status IN ('PUBLISHED', 'AMENDED', 'CLOSED')
    """
)
LINES = Query[PlanLine](
    """
    SELECT line_id, code, source, region, service_type, care_form, title_kk, title_ru, unit,
           planned_units, tariff_tiyn, amount_tiyn, base_kind, payment_method, lot, phc_full,
           v_max_percent
      FROM allocation.plan_line_now
     WHERE plan_id = $1 AND ($2::text IS NULL OR code > $2)
     ORDER BY code
     LIMIT $3
    """
)
ANNOUNCEMENT_FOR_UPDATE = Query[AnnouncementState](
    """
    SELECT announcement_id, plan_id, status, accepting_until, last_seq_no, last_submitted_at
      FROM allocation.announcement
     WHERE announcement_id = $1
       FOR UPDATE
    """
)
_ANNOUNCEMENT = """
    SELECT a.announcement_id, a.plan_id, p.year, a.status, a.posted_at, a.accepting_until,
           (SELECT count(*) FROM allocation.announcement_line l
             WHERE l.announcement_id = a.announcement_id) AS lines,
           (SELECT coalesce(sum(l.amount_tiyn), 0)::bigint FROM allocation.announcement_line l
             WHERE l.announcement_id = a.announcement_id) AS amount_tiyn,
           a.last_seq_no AS applications
      FROM allocation.announcement a
      JOIN allocation.plan p USING (plan_id)
"""
ANNOUNCEMENT = Query[Announcement](_ANNOUNCEMENT + " WHERE a.announcement_id = $1")
ANNOUNCEMENTS = Query[Announcement](
    _ANNOUNCEMENT
    + """
     WHERE $1::uuid IS NULL OR a.announcement_id < $1
     ORDER BY a.announcement_id DESC LIMIT $2
    """
)
CLOSE_WINDOWS = Query[WindowOver](
    """
    UPDATE allocation.announcement a SET status = 'CLOSED', closed_at = $1
      FROM (
        SELECT announcement_id FROM allocation.announcement
         WHERE status = 'ACCEPTING' AND accepting_until < $3
           AND ($2::uuid IS NULL OR announcement_id = $2)
         ORDER BY announcement_id
         LIMIT 100
           FOR UPDATE SKIP LOCKED
      ) over_
     WHERE a.announcement_id = over_.announcement_id
    RETURNING a.announcement_id, a.accepting_until
    """
)
SET_ANNOUNCEMENT_STATUS = Query[None](
    "UPDATE allocation.announcement SET status = $2 WHERE announcement_id = $1"
)

# A calendar that changed moves the term d2, and the window with it.
FOLLOW_TERMS = Query[None](
    """
    UPDATE allocation.announcement a SET accepting_until = t.due_at
      FROM kernel.term t
     WHERE t.code = 'd2' AND t.subject = a.announcement_id
       AND a.status = 'ACCEPTING' AND a.accepting_until <> t.due_at
       AND (a.last_submitted_at IS NULL OR a.last_submitted_at <= t.due_at)
    """
)
