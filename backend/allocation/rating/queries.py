"""SQL of indicators, ratings and factors."""

from datetime import date
from uuid import UUID

from backend.allocation.rating.record import (
    Accreditation,
    CapacityInForce,
    Factor,
    Indicator,
    PartRow,
    PublicRatingRow,
    Rating,
    Value,
)
from backend.kernel.db import Query

# --- imports --------------------------------------------------------------------------------------

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
ADD_VALUES = Query[None](
    """
    INSERT INTO allocation.indicator_value (
        import_id, period, executor_id, service_type, code, value
    )
    SELECT $1, $2, executor_id, service_type, code, value
      FROM unnest($3::uuid[], $4::text[], $5::text[], $6::numeric[])
        AS new (executor_id, service_type, code, value)
    """
)
ADD_FACTORS = Query[None](
    """
    INSERT INTO allocation.provider_factor (import_id, executor_id, kind, value, note)
    SELECT $1, executor_id, kind, value, note
      FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[])
        AS new (executor_id, kind, value, note)
    """
)

ADD_COEFFICIENTS = Query[None](
    """
    INSERT INTO allocation.tariff_coefficient (
        import_id, executor_id, service_type, region, coefficient_milli
    )
    SELECT $1, executor_id, service_type, region, coefficient_milli
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[])
        AS new (executor_id, service_type, region, coefficient_milli)
    """
)

# --- definitions ----------------------------------------------------------------------------------

LOCK_DEFINITIONS = Query[None]("SELECT pg_advisory_xact_lock(7105241)")
_INDICATOR = """
    SELECT indicator_id, service_type, code, title_kk, title_ru, title_en, definition, unit,
           source_system, formula_ref, scale, trim_scale(target) AS target,
           trim_scale(max_points) AS max_points, trim_scale(weight) AS weight, valid_from, valid_to
      FROM allocation.indicator
"""
INDICATORS_ON = Query[Indicator](
    _INDICATOR
    + """
     WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
     ORDER BY service_type, code
    """
)
NEWEST_INDICATORS = Query[Indicator](
    """
    SELECT DISTINCT ON (service_type, code)
           indicator_id, service_type, code, title_kk, title_ru, title_en, definition, unit,
           source_system, formula_ref, scale, target, max_points, weight, valid_from, valid_to
      FROM allocation.indicator
     ORDER BY service_type, code, valid_from DESC
    """
)
INDICATORS = Query[Indicator](
    _INDICATOR
    + """
     WHERE ($1::text IS NULL OR (service_type, code, valid_from) > ($1, $2::text, $3::date))
     ORDER BY service_type, code, valid_from
     LIMIT $4
    """
)
# Of each indicator asked for: the first day that a new definition may not begin before or on.
LAST_DAYS = Query[date](
    """
    SELECT max(greatest(i.valid_from, coalesce(i.valid_to, i.valid_from)))
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (service_type, code, place)
      LEFT JOIN allocation.indicator i USING (service_type, code)
     GROUP BY asked.place
     ORDER BY asked.place
    """
)
END_DEFINITIONS = Query[None](
    """
    UPDATE allocation.indicator i SET valid_to = new.valid_from - 1
      FROM unnest($1::text[], $2::text[], $3::date[]) AS new (service_type, code, valid_from)
     WHERE i.service_type = new.service_type AND i.code = new.code AND i.valid_to IS NULL
    """
)
ADD_INDICATORS = Query[None](
    """
    INSERT INTO allocation.indicator (
        set_at, set_by, indicator_id, service_type, code, title_kk, title_ru, title_en, definition,
        unit, source_system, formula_ref, scale, target, max_points, weight, valid_from, valid_to
    )
    SELECT $1, $2, indicator_id, service_type, code, title_kk, title_ru, title_en, definition, unit,
           source_system, formula_ref, scale, target, max_points, weight, valid_from, valid_to
      FROM unnest(
        $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::numeric[], $15::numeric[],
        $16::numeric[], $17::date[], $18::date[]
      ) AS new (
        indicator_id, service_type, code, title_kk, title_ru, title_en, definition, unit,
        source_system, formula_ref, scale, target, max_points, weight, valid_from, valid_to
      )
    """
)

# --- computing ------------------------------------------------------------------------------------

VALUES = Query[Value](
    """
    SELECT DISTINCT ON (v.executor_id, v.service_type, v.code)
           v.executor_id, v.service_type, v.code, v.value, v.import_id
      FROM allocation.indicator_value v
      JOIN allocation.indicator_import i USING (import_id)
     WHERE v.period = $1
     ORDER BY v.executor_id, v.service_type, v.code, i.imported_at DESC, v.import_id DESC
    """
)
EXECUTORS = Query[UUID](
    """
    SELECT organisation_id FROM registry.organisation
     WHERE kind = 'EXECUTOR' AND status <> 'CLOSED'
     ORDER BY organisation_id
    """
)
ACCREDITATIONS = Query[Accreditation](
    """
    SELECT DISTINCT ON (f.executor_id) f.executor_id, f.value AS rank
      FROM allocation.provider_factor f
      JOIN allocation.indicator_import i USING (import_id)
     WHERE f.kind = 'ACCREDITATION'
     ORDER BY f.executor_id, i.imported_at DESC, f.import_id DESC
    """
)
ADD_PARTS = Query[None](
    """
    INSERT INTO allocation.rating_part (
        import_id, executor_id, service_type, indicator_id, state, value, value_import_id, attained
    )
    SELECT $1, executor_id, service_type, indicator_id, state, value, value_import_id, attained
      FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::numeric[], $7::uuid[],
                  $8::numeric[])
        AS new (executor_id, service_type, indicator_id, state, value, value_import_id, attained)
    """
)

# --- reading --------------------------------------------------------------------------------------

IN_FORCE = Query[Rating](
    """
    SELECT r.executor_id, o.name AS executor_name, r.service_type, r.score_milli,
           r.accreditation_rank, r.no_history, r.import_id, r.imported_at
      FROM allocation.rating_in_force r
      JOIN registry.organisation o ON o.organisation_id = r.executor_id
     WHERE $1::uuid IS NULL OR (r.executor_id, r.service_type) > ($1, $2)
     ORDER BY r.executor_id, r.service_type
     LIMIT $3
    """
)
OF_EXECUTOR = Query[Rating](
    """
    SELECT r.executor_id, o.name AS executor_name, r.service_type, r.score_milli,
           r.accreditation_rank, r.no_history, r.import_id, r.imported_at
      FROM allocation.rating_in_force r
      JOIN registry.organisation o ON o.organisation_id = r.executor_id
     WHERE r.executor_id = $1 AND ($2::text IS NULL OR r.service_type = $2)
     ORDER BY r.service_type
    """
)
# The number of a sole proprietor is an IIN, the name a person's: they are not told (M 40).
PUBLIC = Query[PublicRatingRow](
    """
    SELECT r.executor_id, CASE WHEN o.form = 'LEGAL' THEN o.bin END AS bin,
           CASE WHEN o.form = 'LEGAL' THEN o.name END AS name, r.service_type, r.score_milli,
           r.accreditation_rank, r.no_history, r.period, r.imported_at
      FROM allocation.rating_in_force r
      JOIN registry.organisation o ON o.organisation_id = r.executor_id
     WHERE ($1::text IS NULL OR r.service_type = $1)
       AND ($2::text IS NULL
            OR (r.service_type, -r.score_milli, -r.accreditation_rank, r.executor_id)
             > ($2, $3::integer, $4::integer, $5::uuid))
     ORDER BY r.service_type, r.score_milli DESC, r.accreditation_rank DESC, r.executor_id
     LIMIT $6
    """
)
PARTS = Query[PartRow](
    """
    SELECT n.code, n.title_kk, n.title_ru, n.title_en, n.unit, n.scale, n.target, n.max_points,
           n.weight, n.formula_ref, p.state, p.value, p.attained, v.source_system, v.reference,
           v.imported_at
      FROM allocation.rating_part p
      JOIN allocation.indicator n USING (indicator_id)
      LEFT JOIN allocation.indicator_import v ON v.import_id = p.value_import_id
     WHERE p.executor_id = $1 AND p.service_type = $2 AND p.import_id = $3
     ORDER BY n.code
    """
)
NAME = Query[str](
    "SELECT name FROM registry.organisation WHERE organisation_id = $1 AND kind = 'EXECUTOR'"
)
FACTORS = Query[Factor](
    """
    SELECT DISTINCT ON (f.kind)
           f.kind, f.value, f.note, i.source_system, i.period, i.reference, i.imported_at
      FROM allocation.provider_factor f
      JOIN allocation.indicator_import i USING (import_id)
     WHERE f.executor_id = $1
     ORDER BY f.kind, i.imported_at DESC, f.import_id DESC
    """
)
CAPACITIES = Query[CapacityInForce](
    """
    SELECT service_type, region, unit, capacity, as_of
      FROM allocation.capacity_in_force
     WHERE executor_id = $1
     ORDER BY service_type, region, unit
    """
)
