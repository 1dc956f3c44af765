"""SQL of confirmations."""

from backend.kernel.db import Query
from backend.registry.confirmation.model import Confirmation, Due

KEEP = Query[None](
    """
    INSERT INTO registry.confirmation AS kept (
        organisation_id, kind, status, year, as_of, asked_at
    )
    SELECT organisation_id, $1, status, year, as_of, $2
      FROM unnest($3::uuid[], $4::text[], $5::integer[], $6::timestamptz[])
        AS new (organisation_id, status, year, as_of)
    ON CONFLICT (organisation_id, kind) DO UPDATE
       -- silence takes nothing back: what was said of that year stands with its age (domain 7.1, "cached"),
       -- and is asked again no sooner than after an answer
       SET status = CASE WHEN EXCLUDED.status = 'UNKNOWN' AND kept.year IS NOT DISTINCT FROM EXCLUDED.year
                         THEN kept.status ELSE EXCLUDED.status END,
           as_of = CASE WHEN EXCLUDED.status = 'UNKNOWN' AND kept.year IS NOT DISTINCT FROM EXCLUDED.year
                         THEN kept.as_of ELSE EXCLUDED.as_of END,
           year = EXCLUDED.year, asked_at = EXCLUDED.asked_at
    """
)
OF_ORGANISATION = Query[Confirmation](
    """
    SELECT kind, status, year, as_of, asked_at
      FROM registry.confirmation
     WHERE organisation_id = $1
     ORDER BY kind
    """
)
# Who is not confirmed yet, and was not asked about since $1.
ENTITIES_DUE = Query[Due](
    """
    SELECT o.organisation_id, o.bin AS number, NULL::integer AS year
      FROM registry.organisation o
      LEFT JOIN registry.confirmation c
        ON c.organisation_id = o.organisation_id AND c.kind = 'LEGAL_ENTITY'
     WHERE o.kind = 'EXECUTOR' AND o.form = 'LEGAL' AND o.status = 'OPEN'
       AND (c.status IS NULL OR c.status <> 'CONFIRMED' AND c.asked_at < $1)
     ORDER BY c.asked_at NULLS FIRST, o.organisation_id
     LIMIT $2
    """
)
STATEMENTS_DUE = Query[Due](
    """
    SELECT o.organisation_id, o.bin AS number, o.dfo_year AS year
      FROM registry.organisation o
      LEFT JOIN registry.confirmation c
        ON c.organisation_id = o.organisation_id AND c.kind = 'STATEMENTS' AND c.year = o.dfo_year
     WHERE o.kind = 'EXECUTOR' AND o.status = 'OPEN' AND o.dfo_year IS NOT NULL
       AND (c.status IS NULL OR c.status <> 'CONFIRMED' AND c.asked_at < $1)
     ORDER BY c.asked_at NULLS FIRST, o.organisation_id
     LIMIT $2
    """
)
