"""SQL of ratings and capacities."""

from backend.allocation.rating.model import Rating
from backend.kernel.db import Query

ADD_IMPORT = Query[None](
    """
    INSERT INTO allocation.indicator_import (
        import_id, kind, source_system, period, reference, rows_sha256, rows, imported_at,
        imported_by
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
)
ADD_RATINGS = Query[None](
    """
    INSERT INTO allocation.rating (
        import_id, executor_id, service_type, score_milli, accreditation_rank, no_history
    )
    SELECT $1, executor_id, service_type, score_milli, accreditation_rank, no_history
      FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::boolean[])
        AS new (executor_id, service_type, score_milli, accreditation_rank, no_history)
    """
)
ADD_CAPACITIES = Query[None](
    """
    INSERT INTO allocation.capacity (
        import_id, executor_id, service_type, region, unit, capacity, fact
    )
    SELECT $1, executor_id, service_type, region, unit, capacity, fact
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
        AS new (executor_id, service_type, region, unit, capacity, fact)
     WHERE capacity IS NOT NULL OR fact IS NOT NULL
    """
)
IN_FORCE = Query[Rating](
    """
    SELECT DISTINCT ON (r.executor_id, r.service_type)
           r.executor_id, o.name AS executor_name, r.service_type, r.score_milli,
           r.accreditation_rank, r.no_history, r.import_id, i.imported_at
      FROM allocation.rating r
      JOIN allocation.indicator_import i USING (import_id)
      JOIN registry.organisation o ON o.organisation_id = r.executor_id
     WHERE $1::uuid IS NULL OR (r.executor_id, r.service_type) > ($1, $2)
     ORDER BY r.executor_id, r.service_type, i.imported_at DESC, r.import_id DESC
     LIMIT $3
    """
)
