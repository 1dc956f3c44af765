"""SQL of suspensions."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.suspension.model import Asked, Change, Raised, Suspension, Visited

ADD = Query[None](
    """
    INSERT INTO payments.suspension (
        suspension_id, executor_id, contract_id, act_id, ground, status, detected_at, remove_by,
        basis, basis_sha256, evidence_id, facts
    )
    VALUES ($1, $2, $3, $4, $5, 'ACTIVE', $6, $7, $8, $9, $10, $11)
    """
)
# The same cause is raised once: whoever has an active suspension on that ground keeps it.
RAISE = Query[Raised](
    """
    INSERT INTO payments.suspension (
        suspension_id, executor_id, ground, status, detected_at, remove_by, basis, basis_sha256, facts
    )
    SELECT suspension_id, executor_id, ground, 'ACTIVE', $6, $7, basis,
           sha256(convert_to(facts::text, 'UTF8')), facts
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[])
        AS new (suspension_id, executor_id, ground, basis, facts)
     ORDER BY executor_id, ground
    ON CONFLICT (executor_id, contract_id, ground) WHERE status = 'ACTIVE' AND ground <> 'S3'
    DO NOTHING
    RETURNING suspension_id, executor_id, ground
    """
)
FIND = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, CASE WHEN evidence_id IS NULL THEN 'SYSTEM' ELSE 'ISSUER' END AS origin,
           basis, encode(basis_sha256, 'hex') AS basis_sha256, facts, resolution,
           encode(resolution_sha256, 'hex') AS resolution_sha256, resumed_at, terminated_from
      FROM payments.suspension
     WHERE suspension_id = $1 AND ($2::uuid IS NULL OR executor_id = $2)
    """
)
FIND_FOR_UPDATE = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, CASE WHEN evidence_id IS NULL THEN 'SYSTEM' ELSE 'ISSUER' END AS origin,
           basis, encode(basis_sha256, 'hex') AS basis_sha256, facts, resolution,
           encode(resolution_sha256, 'hex') AS resolution_sha256, resumed_at, terminated_from
      FROM payments.suspension
     WHERE suspension_id = $1
       FOR UPDATE
    """
)
LIST = Query[Suspension](
    """
    SELECT suspension_id, executor_id, contract_id, act_id, ground, status, detected_at,
           remove_by, CASE WHEN evidence_id IS NULL THEN 'SYSTEM' ELSE 'ISSUER' END AS origin,
           basis, encode(basis_sha256, 'hex') AS basis_sha256, facts, resolution,
           encode(resolution_sha256, 'hex') AS resolution_sha256, resumed_at, terminated_from
      FROM payments.suspension
     WHERE ($1::uuid IS NULL OR executor_id = $1)
       AND ($2::text IS NULL OR status = $2)
       AND ($3::uuid IS NULL OR suspension_id > $3)
     ORDER BY suspension_id
     LIMIT $4
    """
)
# RESOLVED and RESUMED are one moment here: the issuer's signature says both.
RESUME = Query[None](
    """
    UPDATE payments.suspension
       SET status = 'RESUMED', resolution = $2, resolution_sha256 = $3, resolved_evidence_id = $4,
           resumed_at = $5
     WHERE suspension_id = $1 AND status = 'ACTIVE'
    """
)
EXPIRE = Query[Suspension](
    """
    UPDATE payments.suspension s
       SET status = 'EXPIRED', terminated_from = s.remove_by + 1
      FROM (
        SELECT suspension_id FROM payments.suspension
         WHERE status = 'ACTIVE' AND remove_by < $1
         ORDER BY remove_by
         LIMIT 100
           FOR UPDATE SKIP LOCKED
      ) due
     WHERE s.suspension_id = due.suspension_id
    RETURNING s.suspension_id, s.executor_id, s.contract_id, s.act_id, s.ground, s.status,
              s.detected_at, s.remove_by,
              CASE WHEN s.evidence_id IS NULL THEN 'SYSTEM' ELSE 'ISSUER' END AS origin,
              s.basis, encode(s.basis_sha256, 'hex') AS basis_sha256, s.facts, s.resolution,
              encode(s.resolution_sha256, 'hex') AS resolution_sha256, s.resumed_at,
              s.terminated_from
    """
)
PARTY = Query[UUID](
    """
    SELECT organisation_id
      FROM registry.organisation
     WHERE organisation_id = $1 AND kind = 'EXECUTOR'
       AND ($2::uuid IS NULL OR EXISTS (
           SELECT FROM allocation.contract WHERE contract_id = $2 AND executor_id = $1
       ))
    """
)
BY_HAND = "suspension_by_hand"

# A calendar that changed moves the term d7, and the last day to remove the cause with it.
FOLLOW_TERMS = Query[None](
    """
    UPDATE payments.suspension s
       SET remove_by = (t.due_at AT TIME ZONE '+05:00'::interval)::date
      FROM kernel.term t
     WHERE t.code = 'd7' AND t.subject = s.suspension_id AND s.status = 'ACTIVE'
       AND s.remove_by <> (t.due_at AT TIME ZONE '+05:00'::interval)::date
    """
)

HISTORY = Query[Change](
    """
    SELECT at, kind, actor, payload
      FROM kernel.event
     WHERE subject = $1
     ORDER BY at, event_id
    """
)

# --- asking sources -----------------------------------------------------------------------------

# From which legal day on a cause counts: nothing before the first contract in force, nor before the
# last time the same cause was removed; $3 bounds it.
ASKED = Query[Asked](
    """
    SELECT o.organisation_id AS executor_id, o.bin AS number,
           greatest(
               $3::date,
               (SELECT min(c.valid_from) FROM payments.payable_contract c
                 WHERE c.executor_id = o.organisation_id),
               (SELECT max((s.resumed_at AT TIME ZONE '+05:00'::interval)::date) + 1
                  FROM payments.suspension s
                 WHERE s.executor_id = o.organisation_id AND s.ground = $2 AND s.status = 'RESUMED'),
               (SELECT max((q.as_of AT TIME ZONE '+05:00'::interval)::date)
                  FROM payments.detection_question q
                  JOIN payments.detection_round r USING (round_id)
                 WHERE q.executor_id = o.organisation_id AND q.answered_at IS NOT NULL
                   AND q.facts IS NULL AND r.ground = $2 AND $2 = 'S1')
           ) AS since
      FROM registry.organisation o
     WHERE o.organisation_id = ANY ($1::uuid[])
     ORDER BY o.organisation_id
    """
)
# On which of the days people came, facility by facility: an index look-up for each day and facility.
VISITED = Query[Visited](
    """
    SELECT f.organisation_id AS executor_id, f.facility_id,
           coalesce(f.licence_address, f.address) AS address,
           array_agg(day::date ORDER BY day) AS days
      FROM unnest($1::uuid[], $2::date[]) AS asked (executor_id, since)
      JOIN registry.facility f ON f.organisation_id = asked.executor_id
     CROSS JOIN LATERAL generate_series(asked.since, $3::date, INTERVAL '1 day') AS day
     WHERE EXISTS (
        SELECT FROM visits.visit v
         WHERE v.facility_id = f.facility_id AND v.visit_date = day::date
           AND v.executor_id = f.organisation_id
     )
     GROUP BY f.organisation_id, f.facility_id
     ORDER BY f.organisation_id, f.facility_id
    """
)
NUMBER = Query[str]("SELECT bin FROM registry.organisation WHERE organisation_id = $1")
# Of these facilities, where care is given on that day: a closed one needs no licence.
ADDRESSES = Query[str](
    """
    SELECT coalesce(licence_address, address)
      FROM registry.facility
     WHERE facility_id = ANY ($1::uuid[]) AND (closed_on IS NULL OR closed_on > $2)
     ORDER BY facility_id
    """
)
