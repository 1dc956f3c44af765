"""SQL of decisions."""

from uuid import UUID

from backend.allocation.decision.record import (
    AcceptedLine,
    AcceptedPart,
    BundleRow,
    Decision,
    DecisionState,
    LineRow,
    OfferedLine,
    PlanOf,
    PublicDecision,
    SealRow,
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
# What earlier signed decisions of the plan gave an executor on a line; a lapsed contract gave nothing (D21).
ACCEPTED = Query[AcceptedLine](
    """
    WITH given AS (
        SELECT s.line_id, s.executor_id, sum(s.allocated)::bigint AS units
          FROM allocation.announcement mine
          JOIN allocation.announcement earlier
            ON earlier.plan_id = mine.plan_id AND earlier.announcement_id <> mine.announcement_id
          JOIN allocation.decision d
            ON d.announcement_id = earlier.announcement_id AND d.status IN ('SIGNED', 'EXECUTED')
          JOIN allocation.share s USING (decision_id)
          JOIN allocation.plan_line p USING (line_id)
         WHERE mine.announcement_id = $1
           AND NOT EXISTS (
                SELECT FROM allocation.contract c
                 WHERE c.application_id = s.application_id AND c.source = p.source
                   AND c.status = 'LAPSED'
           )
         GROUP BY s.line_id, s.executor_id
    )
    SELECT l.line_id, a.application_id, a.executor_id,
           CASE WHEN o.form = 'LEGAL' THEN o.bin END AS bin,
           a.seq_no, l.requested, r.score_milli, r.accreditation_rank, r.no_history,
           r.import_id AS rating_import_id, c.capacity, c.as_of AS capacity_as_of,
           c.import_id AS capacity_import_id, c.run_id AS capacity_run_id, f.fact,
           f.import_id AS fact_import_id, coalesce(g.units, 0) AS given_before, k.coefficient_milli,
           k.import_id AS coefficient_import_id
      FROM allocation.application a
      JOIN allocation.application_line l USING (application_id)
      JOIN allocation.plan_line p USING (line_id)
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
      LEFT JOIN allocation.rating_in_force r
        ON r.executor_id = a.executor_id AND r.service_type = p.service_type
      LEFT JOIN allocation.capacity_in_force c
        ON (c.executor_id, c.service_type, c.region, c.unit)
         = (a.executor_id, p.service_type, p.region, p.unit)
      LEFT JOIN allocation.fact_in_force f
        ON (f.executor_id, f.service_type, f.region, f.unit)
         = (a.executor_id, p.service_type, p.region, p.unit)
      LEFT JOIN allocation.coefficient_in_force k
        ON (k.executor_id, k.service_type, k.region)
         = (a.executor_id, p.service_type, p.region) AND p.unit = 'service'
      LEFT JOIN given g ON g.line_id = l.line_id AND g.executor_id = a.executor_id
     WHERE a.announcement_id = $1 AND a.status = 'ACCEPTED'
     ORDER BY l.line_id, a.seq_no
    """
)
PARTS = Query[AcceptedPart](
    """
    SELECT t.line_id, t.application_id, t.co_executor_no, t.requested,
           o.organisation_id AS executor_id, c.capacity, c.as_of AS capacity_as_of
      FROM allocation.application a
      JOIN allocation.application_part t USING (application_id)
      JOIN allocation.application_co_executor x USING (application_id, co_executor_no)
      JOIN allocation.plan_line p USING (line_id)
      LEFT JOIN registry.organisation o ON o.bin = x.bin AND o.kind = 'EXECUTOR'
      LEFT JOIN allocation.capacity_in_force c
        ON (c.executor_id, c.service_type, c.region, c.unit)
         = (o.organisation_id, p.service_type, p.region, p.unit)
     WHERE a.announcement_id = $1 AND a.status = 'ACCEPTED'
     ORDER BY t.line_id, t.application_id, t.co_executor_no
    """
)
SPENT = Query[SourceSpent](
    """
    SELECT x.source, sum(x.amount_tiyn)::bigint AS amount_tiyn
      FROM (
        SELECT l.source, d.amount_tiyn
          FROM allocation.announcement a
          JOIN allocation.decision s USING (announcement_id)
          JOIN allocation.decision_line d USING (decision_id)
          JOIN allocation.plan_line l USING (line_id)
         WHERE a.plan_id = $1 AND a.announcement_id <> $2 AND s.status IN ('SIGNED', 'EXECUTED')
        UNION ALL
        SELECT c.source, -c.amount_tiyn -- never signed: residue again
          FROM allocation.announcement a
          JOIN allocation.decision s USING (announcement_id)
          JOIN allocation.contract c USING (decision_id)
         WHERE a.plan_id = $1 AND a.announcement_id <> $2 AND c.status = 'LAPSED'
      ) x
     GROUP BY x.source
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
    SELECT f.source, coalesce(sum(x.amount_tiyn), 0)::bigint AS amount_tiyn, f.limit_tiyn
      FROM allocation.financing_limit_now f
      LEFT JOIN (
        SELECT a.plan_id, l.source, d.amount_tiyn
          FROM allocation.announcement a
          JOIN allocation.decision s USING (announcement_id)
          JOIN allocation.decision_line d USING (decision_id)
          JOIN allocation.plan_line l USING (line_id)
         WHERE s.status IN ('SIGNED', 'EXECUTED') OR s.decision_id = $2
        UNION ALL
        SELECT a.plan_id, c.source, -c.amount_tiyn -- never signed: residue again
          FROM allocation.announcement a
          JOIN allocation.decision s USING (announcement_id)
          JOIN allocation.contract c USING (decision_id)
         WHERE c.status = 'LAPSED'
      ) x ON x.plan_id = f.plan_id AND x.source = f.source
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
        amount_tiyn, reason, no_history, trace, origin
    )
    SELECT $1, line_id, application_id, executor_id, seq_no, grp, min, max, allocated, amount_tiyn,
           reason, no_history, trace::jsonb, origin::jsonb
      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::boolean[],
                  $13::text[], $14::text[])
        AS new (line_id, application_id, executor_id, seq_no, grp, min, max, allocated,
                amount_tiyn, reason, no_history, trace, origin)
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
SEALED = Query[SealRow](
    """
    SELECT d.status, d.bundle, s.cms
      FROM allocation.decision d
      LEFT JOIN allocation.decision_seal s USING (decision_id)
     WHERE d.decision_id = $1
    """
)
UNSEALED = Query[UUID](
    """
    SELECT d.decision_id
      FROM allocation.decision d
     WHERE d.status IN ('SIGNED', 'EXECUTED', 'FAILED')
       AND NOT EXISTS (
            SELECT FROM allocation.decision_seal s WHERE s.decision_id = d.decision_id
       )
     ORDER BY d.decision_id
     LIMIT 10
    """
)
ADD_SEAL = Query[None](
    """
    INSERT INTO allocation.decision_seal (decision_id, cms, sealed_at) VALUES ($1, $2, $3)
    ON CONFLICT (decision_id) DO NOTHING
    """
)
PUBLIC_DECISIONS = Query[PublicDecision](
    """
    SELECT d.decision_id, d.announcement_id, a.plan_id, p.year, d.status, d.algorithm,
           encode(d.result_sha256, 'hex') AS result_sha256, d.calculated_at, d.signed_at,
           s.sealed_at, line.lines,
           (SELECT count(*) FROM allocation.share x WHERE x.decision_id = d.decision_id) AS shares,
           line.amount_tiyn, line.residue_tiyn
      FROM allocation.decision d
      JOIN allocation.announcement a USING (announcement_id)
      JOIN allocation.plan p USING (plan_id)
      LEFT JOIN allocation.decision_seal s USING (decision_id)
      CROSS JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(x.amount_tiyn), 0)::bigint AS amount_tiyn,
               coalesce(sum(x.residue::numeric * coalesce(l.tariff_tiyn, 1)), 0)::bigint
               AS residue_tiyn
          FROM allocation.decision_line x
          JOIN allocation.plan_line l USING (line_id)
         WHERE x.decision_id = d.decision_id
      ) line
     WHERE d.status IN ('SIGNED', 'EXECUTED', 'FAILED')
       AND ($1::uuid IS NULL OR d.decision_id < $1)
     ORDER BY d.decision_id DESC
     LIMIT $2
    """
)
LINES = Query[LineRow](
    """
    SELECT d.line_id, l.code AS line_code, l.source, l.region, l.service_type, l.unit,
           l.tariff_tiyn, l.base_kind, d.mode, d.plan_units AS plan, g.sum_min, g.sum_max,
           d.residue, d.amount_tiyn, g.shares, g.rungs
      FROM allocation.decision_line d
      JOIN allocation.plan_line l USING (line_id)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.sum_min), 0)::bigint AS sum_min,
               coalesce(sum(x.sum_max), 0)::bigint AS sum_max,
               coalesce(sum(x.shares), 0)::bigint AS shares,
               coalesce(jsonb_agg(jsonb_build_object('group', x.grp,
                            'headroom', x.sum_max - x.sum_min,
                            'supplement', x.allocated - x.sum_min) ORDER BY x.grp), '[]') AS rungs
          FROM (
            SELECT s.grp, sum(s.min)::bigint AS sum_min, sum(s.max)::bigint AS sum_max,
                   sum(s.allocated)::bigint AS allocated, count(*) AS shares
              FROM allocation.share s
             WHERE s.decision_id = d.decision_id AND s.line_id = d.line_id
             GROUP BY s.grp
          ) x
      ) g
     WHERE d.decision_id = $1 AND ($2::text IS NULL OR l.code > $2)
     ORDER BY l.code
     LIMIT $3
    """
)
SHARES = Query[ShareRow](
    """
    SELECT s.decision_id, s.line_id, l.code AS line_code, s.application_id, s.executor_id,
           o.name AS executor_name, l.service_type, s.seq_no, s.grp AS "group", s.min, s.max, s.allocated, s.amount_tiyn,
           s.reason, s.no_history, s.trace, s.origin
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

# --- residue --------------------------------------------------------------------------------------

# Not decided, or decided and not signed yet: what it will leave over is not known.
OPEN_ANNOUNCEMENT = Query[UUID](
    """
    SELECT announcement_id FROM allocation.announcement
     WHERE plan_id = $1 AND status IN ('PUBLISHED', 'ACCEPTING', 'CLOSED')
     LIMIT 1
    """
)
NEWEST_OF_PLAN = Query[UUID](
    """
    SELECT d.decision_id
      FROM allocation.announcement a
      JOIN allocation.decision d USING (announcement_id)
     WHERE a.plan_id = $1 AND d.status IN ('SIGNED', 'EXECUTED', 'FAILED')
     ORDER BY d.calculated_at DESC, d.decision_id DESC
     LIMIT 1
    """
)
ANNOUNCE_RESIDUE = Query[None](
    """
    INSERT INTO allocation.announcement_line (announcement_id, line_id, plan_id, units, amount_tiyn)
    SELECT $1, l.line_id, l.plan_id, free.units, free.units * coalesce(l.tariff_tiyn, 1)
      FROM allocation.plan_line_now l
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.allocated), 0)::bigint AS units,
               coalesce(sum(s.amount_tiyn), 0)::bigint AS amount_tiyn
          FROM allocation.decision d
          JOIN allocation.share s USING (decision_id)
         WHERE s.line_id = l.line_id AND d.status IN ('SIGNED', 'EXECUTED')
           AND NOT EXISTS (
                SELECT FROM allocation.contract c
                 WHERE c.application_id = s.application_id AND c.source = l.source
                   AND c.status = 'LAPSED'
           )
      ) given
      -- Coefficients (D22) may have made the units dearer than the line's tariff.
      CROSS JOIN LATERAL (
        SELECT least(l.planned_units - given.units,
                     (l.amount_tiyn - given.amount_tiyn) / coalesce(l.tariff_tiyn, 1)) AS units
      ) free
     WHERE l.plan_id = $2 AND free.units > 0
    """
)
ADD_RESIDUE = Query[None](
    """
    INSERT INTO allocation.residue_announcement (announcement_id, evidence_id) VALUES ($1, $2)
    """
)
