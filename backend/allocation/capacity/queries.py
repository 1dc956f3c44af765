"""SQL of capacities."""

from uuid import UUID

from backend.allocation.capacity.model import Asked, CapacityRow
from backend.kernel.db import Query

KNOWN_ANNOUNCEMENT = Query[UUID](
    "SELECT announcement_id FROM allocation.announcement WHERE announcement_id = $1"
)
# Applicants, and co-executors that have an account: legal entities, since a person's number is sealed.
ASKED = Query[Asked](
    """
    SELECT a.executor_id, o.bin AS number, p.service_type, p.region, p.unit
      FROM allocation.application a
      JOIN allocation.application_line l USING (application_id)
      JOIN allocation.plan_line p USING (line_id)
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
     WHERE a.announcement_id = $1 AND a.live
     UNION
    SELECT o.organisation_id, o.bin, p.service_type, p.region, p.unit
      FROM allocation.application a
      JOIN allocation.application_co_executor c USING (application_id)
      JOIN allocation.application_part t USING (application_id, co_executor_no)
      JOIN allocation.plan_line p USING (line_id)
      JOIN registry.organisation o ON o.bin = c.bin AND o.kind = 'EXECUTOR'
     WHERE a.announcement_id = $1 AND a.live
     ORDER BY executor_id, service_type, region, unit
    """
)
ADD_RUN = Query[None](
    """
    INSERT INTO allocation.capacity_run (run_id, announcement_id, asked_at, asked_by)
    VALUES ($1, $2, $3, $4)
    """
)
ADD_READINGS = Query[None](
    """
    INSERT INTO allocation.capacity_reading (
        run_id, system, executor_id, service_type, region, unit, outcome, capacity, as_of
    )
    SELECT $1, system, executor_id, service_type, region, unit, outcome, capacity, as_of
      FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::bigint[], $9::timestamptz[])
        AS new (system, executor_id, service_type, region, unit, outcome, capacity, as_of)
    """
)
ADD_MEASURED = Query[None](
    """
    INSERT INTO allocation.capacity_measured (
        run_id, executor_id, service_type, region, unit, capacity, as_of
    )
    SELECT $1, executor_id, service_type, region, unit, capacity, as_of
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
        AS new (executor_id, service_type, region, unit, capacity, as_of)
    """
)
OF_ANNOUNCEMENT = Query[CapacityRow](
    """
    WITH needed AS (
        SELECT DISTINCT a.executor_id, p.service_type, p.region, p.unit
          FROM allocation.application a
          JOIN allocation.application_line l USING (application_id)
          JOIN allocation.plan_line p USING (line_id)
         WHERE a.announcement_id = $1 AND a.live
    ), last AS (
        SELECT run_id FROM allocation.capacity_run
         WHERE announcement_id = $1
         ORDER BY asked_at DESC, run_id DESC
         LIMIT 1
    )
    SELECT n.executor_id, o.name AS executor_name, n.service_type, n.region, n.unit, c.capacity,
           c.as_of, sur.outcome AS sur, sumt.outcome AS sumt
      FROM needed n
      JOIN registry.organisation o ON o.organisation_id = n.executor_id
      LEFT JOIN allocation.capacity_in_force c USING (executor_id, service_type, region, unit)
      LEFT JOIN (last JOIN allocation.capacity_reading sur USING (run_id))
        ON (sur.executor_id, sur.service_type, sur.region, sur.unit, sur.system)
         = (n.executor_id, n.service_type, n.region, n.unit, 'SUR')
      LEFT JOIN (last AS again JOIN allocation.capacity_reading sumt USING (run_id))
        ON (sumt.executor_id, sumt.service_type, sumt.region, sumt.unit, sumt.system)
         = (n.executor_id, n.service_type, n.region, n.unit, 'SUMT')
     WHERE $2::uuid IS NULL
        OR (n.executor_id, n.service_type, n.region, n.unit) > ($2, $3::text, $4::text, $5::text)
     ORDER BY n.executor_id, n.service_type, n.region, n.unit
     LIMIT $6
    """
)
