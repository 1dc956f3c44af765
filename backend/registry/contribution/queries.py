"""SQL of receipts and privileges."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.contribution.model import Contribution, StoredReceipt

CLAIM = Query[str](
    """
    INSERT INTO registry.receipt_claim (source_ref, person_id, contribution_id)
    SELECT source_ref, person_id, contribution_id
      FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS new (source_ref, person_id, contribution_id)
     ORDER BY source_ref
    ON CONFLICT (source_ref) DO NOTHING
    RETURNING source_ref
    """
)
ADD = Query[None](
    """
    INSERT INTO registry.contribution (
        person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
        payer_kind
    )
    SELECT person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
           payer_kind
      FROM unnest(
               $1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[],
               $7::text[], $8::text[], $9::text[]
           ) AS new (
               person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
               payer_kind
           )
    """
)
STORED = Query[StoredReceipt](
    """
    SELECT source_ref, person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin,
           refunded_tiyn
      FROM registry.receipt_claim
      JOIN registry.contribution USING (person_id, contribution_id, source_ref)
     WHERE source_ref = ANY ($1::text[])
    """
)
REFUND = Query[UUID](
    """
    UPDATE registry.contribution
       SET refunded_tiyn = new.refunded_tiyn, refunded_on = new.refunded_on
      FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[])
        AS new (person_id, contribution_id, refunded_tiyn, refunded_on)
     WHERE contribution.person_id = new.person_id
       AND contribution.contribution_id = new.contribution_id
       AND (contribution.refunded_tiyn, contribution.refunded_on)
           IS DISTINCT FROM (new.refunded_tiyn, new.refunded_on)
    RETURNING contribution.contribution_id
    """
)
GRANT_PRIVILEGES = Query[UUID](
    """
    INSERT INTO registry.privilege AS known (person_id, category, valid_from, valid_to)
    SELECT person_id, category, valid_from, valid_to
      FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[])
        AS new (person_id, category, valid_from, valid_to)
     ORDER BY person_id, category, valid_from
    ON CONFLICT (person_id, category, valid_from) DO UPDATE
       SET valid_to = EXCLUDED.valid_to
     WHERE known.valid_to IS DISTINCT FROM EXCLUDED.valid_to
    RETURNING person_id
    """
)
OF_PERSON = Query[Contribution](
    """
    SELECT contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, refunded_tiyn,
           refunded_on
      FROM registry.contribution
     WHERE person_id = $1
     ORDER BY paid_on DESC, period DESC, contribution_id
     LIMIT $2
    """
)
