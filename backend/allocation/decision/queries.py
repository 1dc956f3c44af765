"""SQL of decisions."""

from uuid import UUID

from backend.allocation.decision.record import (
    AcceptedLine,
    AcceptedPart,
    BundleRow,
    Decision,
    DecisionState,
    OfferedLine,
    PlanOf,
    ShareRow,
    SourceSpent,
)
from backend.allocation.plan.model import SourceSum
from backend.kernel.db import Query

PLAN_OF = Query[PlanOf](
    """
    SELECT p.plan_id, p.year, p.version
      FROM allocation.announcement a
      JOIN allocation.plan p USING (plan_id)
     WHERE a.announcement_id = $1
    """
)
OFFERED = Query[OfferedLine](
    """
    SELECT l.line_id, l.code, l.source, l.unit, a.units, a.amount_tiyn, l.tariff_tiyn, l.base_kind,
           l.phc_full, l.v_max_percent
      FROM allocation.announcement_line a
      JOIN allocation.plan_line l USING (line_id)
     WHERE a.announcement_id = $1
     ORDER BY l.code
    """
)
ACCEPTED = Query[AcceptedLine](
    """
    WITH rating AS (
        SELECT DISTINCT ON (r.executor_id, r.service_type)
               r.executor_id, r.service_type, r.score_milli, r.accreditation_rank, r.no_history
          FROM allocation.rating r
          JOIN allocation.indicator_import i USING (import_id)
         ORDER BY r.executor_id, r.service_type, i.imported_at DESC, r.import_id DESC
    ), capacity AS (
        SELECT DISTINCT ON (c.executor_id, c.service_type, c.region, c.unit)
               c.executor_id, c.service_type, c.region, c.unit, c.capacity, c.fact
          FROM allocation.capacity c
          JOIN allocation.indicator_import i USING (import_id)
         ORDER BY c.executor_id, c.service_type, c.region, c.unit, i.imported_at DESC,
                  c.import_id DESC
    )
    SELECT l.line_id, a.application_id, a.executor_id,
           CASE WHEN o.form = 'LEGAL' THEN o.bin END AS bin,
           a.seq_no, l.requested, r.score_milli, r.accreditation_rank, r.no_history,
           c.capacity, c.fact
      FROM allocation.application a
      JOIN allocation.application_line l USING (application_id)
      JOIN allocation.plan_line p USING (line_id)
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
      LEFT JOIN rating r ON r.executor_id = a.executor_id AND r.service_type = p.service_type
      LEFT JOIN capacity c ON c.executor_id = a.executor_id AND c.service_type = p.service_type
                          AND c.region = p.region AND c.unit = p.unit
     WHERE a.announcement_id = $1 AND a.status = 'ACCEPTED'
     ORDER BY l.line_id, a.seq_no
    """
)
PARTS = Query[AcceptedPart](
    """
    SELECT p.line_id, p.application_id, p.co_executor_no, p.requested
      FROM allocation.application a
      JOIN allocation.application_part p USING (application_id)
     WHERE a.announcement_id = $1 AND a.status = 'ACCEPTED'
     ORDER BY p.line_id, p.application_id, p.co_executor_no
    """
)
SPENT = Query[SourceSpent](
    """
    SELECT l.source, coalesce(sum(d.amount_tiyn), 0)::bigint AS amount_tiyn
      FROM allocation.announcement a
      JOIN allocation.decision s USING (announcement_id)
      JOIN allocation.decision_line d USING (decision_id)
      JOIN allocation.plan_line l USING (line_id)
     WHERE a.plan_id = $1 AND a.announcement_id <> $2 AND s.status IN ('SIGNED', 'EXECUTED')
     GROUP BY l.source
    """
)
LOCK_PLAN = Query[UUID](
    """
    SELECT p.plan_id
      FROM allocation.announcement a
      JOIN allocation.plan p USING (plan_id)
     WHERE a.announcement_id = $1
       FOR NO KEY UPDATE OF p
    """
)
SUMS_WITH = Query[SourceSum](
    """
    SELECT f.source, coalesce(sum(d.amount_tiyn), 0)::bigint AS amount_tiyn, f.limit_tiyn
      FROM allocation.financing_limit f
      LEFT JOIN allocation.announcement a ON a.plan_id = f.plan_id
      LEFT JOIN allocation.decision s ON s.announcement_id = a.announcement_id
                                     AND (s.status IN ('SIGNED', 'EXECUTED') OR s.decision_id = $2)
      LEFT JOIN (allocation.decision_line d JOIN allocation.plan_line l USING (line_id))
        ON d.decision_id = s.decision_id AND l.source = f.source
     WHERE f.plan_id = $1
     GROUP BY f.source, f.limit_tiyn
     ORDER BY f.source
    """
)
LIVE = Query[DecisionState](
    """
    SELECT decision_id, announcement_id, status, result_sha256
      FROM allocation.decision
     WHERE announcement_id = $1 AND status <> 'ANNULLED'
    """
)
ADD = Query[None](
    """
    INSERT INTO allocation.decision (
        decision_id, announcement_id, status, algorithm, input_sha256, result_sha256, bundle,
        calculated_at, calculated_by
    )
    VALUES ($1, $2, $3, $4, $5, sha256($6), $6, $7, $8)
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.decision_line (
        decision_id, line_id, mode, plan_units, residue, amount_tiyn, input_sha256
    )
    SELECT $1, line_id, mode, plan_units, residue, amount_tiyn, input_sha256
      FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
        AS new (line_id, mode, plan_units, residue, amount_tiyn, input_sha256)
    """
)
ADD_SHARES = Query[None](
    """
    INSERT INTO allocation.share (
        decision_id, line_id, application_id, executor_id, seq_no, grp, min, max, allocated,
        amount_tiyn, reason, no_history, trace
    )
    SELECT $1, line_id, application_id, executor_id, seq_no, grp, min, max, allocated, amount_tiyn,
           reason, no_history, trace::jsonb
      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::boolean[],
                  $13::text[])
        AS new (line_id, application_id, executor_id, seq_no, grp, min, max, allocated,
                amount_tiyn, reason, no_history, trace)
    """
)
ADD_SHARE_PARTS = Query[None](
    """
    INSERT INTO allocation.share_part (
        decision_id, line_id, application_id, co_executor_no, allocated
    )
    SELECT $1, line_id, application_id, co_executor_no, allocated
      FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::bigint[])
        AS new (line_id, application_id, co_executor_no, allocated)
    """
)
_DECISION = """
    SELECT d.decision_id, d.announcement_id, a.plan_id, p.year, d.status, d.algorithm,
           encode(d.input_sha256, 'hex') AS input_sha256,
           encode(d.result_sha256, 'hex') AS result_sha256,
           d.calculated_at, d.signed_at, d.executed_at, d.annulled_at, d.annulment_reason,
           line.lines,
           (SELECT count(*) FROM allocation.share s WHERE s.decision_id = d.decision_id) AS shares,
           line.amount_tiyn, line.residue_tiyn
      FROM allocation.decision d
      JOIN allocation.announcement a USING (announcement_id)
      JOIN allocation.plan p USING (plan_id)
      CROSS JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(x.amount_tiyn), 0)::bigint AS amount_tiyn,
               coalesce(sum(x.residue::numeric * coalesce(l.tariff_tiyn, 1)), 0)::bigint
               AS residue_tiyn
          FROM allocation.decision_line x
          JOIN allocation.plan_line l USING (line_id)
         WHERE x.decision_id = d.decision_id
      ) line
"""
ONE = Query[Decision](_DECISION + " WHERE d.decision_id = $1")
FOR_UPDATE = Query[DecisionState](
    """
    SELECT decision_id, announcement_id, status, result_sha256
      FROM allocation.decision
     WHERE decision_id = $1
       FOR UPDATE
    """
)
SIGN = Query[None](
    """
    UPDATE allocation.decision SET status = 'SIGNED', signed_at = $2, evidence_id = $3
     WHERE decision_id = $1
    """
)
EXECUTE = Query[None](
    "UPDATE allocation.decision SET status = 'EXECUTED', executed_at = $2 WHERE decision_id = $1"
)
ANNUL = Query[None](
    """
    UPDATE allocation.decision
       SET status = 'ANNULLED', annulled_at = $2, annulment_evidence_id = $3, annulment_reason = $4
     WHERE decision_id = $1
    """
)
BUNDLE = Query[BundleRow]("SELECT status, bundle FROM allocation.decision WHERE decision_id = $1")
SHARES = Query[ShareRow](
    """
    SELECT s.decision_id, s.line_id, l.code AS line_code, s.application_id, s.executor_id,
           o.name AS executor_name, s.seq_no, s.grp AS "group", s.min, s.max, s.allocated, s.amount_tiyn,
           s.reason, s.no_history, s.trace
      FROM allocation.share s
      JOIN allocation.plan_line l USING (line_id)
      JOIN registry.organisation o ON o.organisation_id = s.executor_id
     WHERE s.decision_id = $1
       AND ($2::integer IS NULL OR (s.seq_no, s.line_id) > ($2, $3::uuid))
       AND ($4::text IS NULL OR o.bin = $4)
     ORDER BY s.seq_no, s.line_id
     LIMIT $5
    """
)
