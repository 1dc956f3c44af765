"""SQL of the brake."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.brake.model import Base, Effect, Hold, Limit, Taken, Waiting, Weight

EFFECTS = Query[Effect](
    """
    SELECT $1::text AS kind, coalesce(person.region, '') AS region, count(*) AS count
      FROM unnest($2::uuid[]) AS met (person_id)
      JOIN registry.person USING (person_id)
     GROUP BY 2
     ORDER BY 2
    """
)
# One weigher of a kind and region at a time, until his transaction ends; in order, so that two who
# weigh several queue up instead of blocking each other for ever. 7105206: the brake.
LOCK = Query[None](
    """
    SELECT pg_advisory_xact_lock(7105206, lock)
      FROM (
        SELECT DISTINCT hashtext(key) AS lock FROM unnest($1::text[]) AS asked (key) ORDER BY lock
      ) AS ordered
    """
)
# A region's own limit of a window stands before the one of all regions.
WEIGHTS = Query[Weight](
    """
    SELECT met.kind, met.region, met.count, coalesce(before.passed, 0)::bigint AS passed,
           limits.window_s, limits.share_milli, limits.minimum
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS met (kind, region, count)
      CROSS JOIN LATERAL (
        SELECT DISTINCT ON (window_s) window_s, share_milli, minimum
          FROM registry.brake_limit
         WHERE brake_limit.kind = met.kind AND brake_limit.region IN (met.region, '*')
         ORDER BY window_s, brake_limit.region = '*'
      ) AS limits
      LEFT JOIN LATERAL (
        SELECT sum(passed.count) AS passed
          FROM registry.brake_passed AS passed
         WHERE passed.kind = met.kind AND passed.region = met.region
           AND passed.at > $4::timestamptz - make_interval(secs => limits.window_s)
      ) AS before ON true
     WHERE met.count > 0
     ORDER BY met.kind, met.region, limits.window_s
    """
)
FRESH_BASES = Query[Base](
    """
    SELECT region, total
      FROM registry.brake_base
     WHERE of = $1 AND region = ANY ($2::text[]) AND counted_at > $3 AND counted_at <= $4
    """
)
COUNT_ATTACHED = Query[Base](
    """
    SELECT asked.region, count(attachment.person_id) AS total
      FROM unnest($1::text[]) AS asked (region)
      LEFT JOIN registry.person ON coalesce(person.region, '') = asked.region
      LEFT JOIN registry.attachment USING (person_id)
     GROUP BY asked.region
    """
)
COUNT_ACCOUNTS = Query[Base](
    """
    SELECT asked.region, count(account.person_id) AS total
      FROM unnest($1::text[]) AS asked (region)
      LEFT JOIN registry.person ON coalesce(person.region, '') = asked.region
      LEFT JOIN registry.account
             ON account.person_id = person.person_id AND account.status IN ('OPEN', 'BLOCKED')
     GROUP BY asked.region
    """
)
COUNT_EXECUTORS = Query[Base](
    """
    SELECT asked.region, count(organisation.organisation_id) AS total
      FROM unnest($1::text[]) AS asked (region)
      LEFT JOIN registry.organisation
             ON asked.region = '' AND kind = 'EXECUTOR' AND status <> 'CLOSED'
     GROUP BY asked.region
    """
)
KEEP_BASES = Query[None](
    """
    INSERT INTO registry.brake_base (of, region, total, counted_at)
    SELECT $1, region, total, $4
      FROM unnest($2::text[], $3::bigint[]) AS counted (region, total)
    ON CONFLICT (of, region) DO UPDATE
       SET total = EXCLUDED.total, counted_at = EXCLUDED.counted_at
    """
)
PASS = Query[None](
    """
    INSERT INTO registry.brake_passed (kind, region, at, run_id, count)
    SELECT kind, region, $4, $5, count
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS met (kind, region, count)
     WHERE count > 0
    """
)
HOLD = Query[None](
    """
    INSERT INTO registry.brake_hold (
        hold_id, feed, source, run_id, status, kinds, effects, sha256, content_sha256, sealed, job,
        held_at
    )
    VALUES ($1, $2, $3, $4, 'HELD', $5::text[], $6::jsonb, $7, $8, $9, $10, $11)
    """
)
FIND = Query[Hold](
    """
    SELECT hold_id, feed, source, run_id, status, effects, sha256, held_at, decided_at, decided_by,
           reason, applied_at
      FROM registry.brake_hold
     WHERE hold_id = $1
    """
)
PAGE = Query[Hold](
    """
    SELECT hold_id, feed, source, run_id, status, effects, sha256, held_at, decided_at, decided_by,
           reason, applied_at
      FROM registry.brake_hold
     WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR hold_id < $2)
     ORDER BY hold_id DESC
     LIMIT $3
    """
)
FOR_DECISION = Query[Waiting](
    """
    SELECT hold_id, feed, status, kinds, sha256, job
      FROM registry.brake_hold
     WHERE hold_id = ANY ($1::uuid[])
     ORDER BY hold_id
       FOR UPDATE
    """
)
DECIDE = Query[UUID](
    """
    UPDATE registry.brake_hold
       SET status = $2, decided_at = $3, decided_by = $4, evidence_id = $5, reason = $6
     WHERE hold_id = ANY ($1::uuid[]) AND status = 'HELD'
    RETURNING hold_id
    """
)
TAKE = Query[Taken](
    """
    UPDATE registry.brake_hold
       SET status = 'APPLIED', applied_at = $2
     WHERE hold_id = $1 AND status = 'RELEASED'
    RETURNING hold_id, run_id, decided_by AS actor, sealed
    """
)
LIMITS = Query[Limit](
    """
    SELECT kind, region, window_s, share_milli, minimum
      FROM registry.brake_limit
     ORDER BY kind, region, window_s
    """
)
SET_LIMIT = Query[None](
    """
    INSERT INTO registry.brake_limit (
        kind, region, window_s, share_milli, minimum, changed_at, evidence_id
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (kind, region, window_s) DO UPDATE
       SET share_milli = EXCLUDED.share_milli, minimum = EXCLUDED.minimum,
           changed_at = EXCLUDED.changed_at, evidence_id = EXCLUDED.evidence_id
    """
)
DROP_LIMIT = Query[None](
    "DELETE FROM registry.brake_limit WHERE kind = $1 AND region = $2 AND window_s = $3"
)
OTHER_LIMITS = Query[int](
    """
    SELECT count(*)
      FROM registry.brake_limit
     WHERE kind = $1 AND region = $2 AND window_s <> $3
    """
)
FORGET = Query[None]("DELETE FROM registry.brake_passed WHERE at < $1")
