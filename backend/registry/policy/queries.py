"""SQL of policies."""

from backend.kernel.db import Query
from backend.registry.policy.model import Cancelled, Covered, Policy

OF_YEAR = Query[Policy](
    """
    SELECT person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set,
           rule_set, issued_on, valid_from, valid_to, executor_id
      FROM registry.policy
     WHERE person_id = $1 AND year = $2 AND status <> 'CANCELLED'
    """
)
VALID_ON = Query[Policy](
    """
    SELECT person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set,
           rule_set, issued_on, valid_from, valid_to, executor_id
      FROM registry.policy
     WHERE person_id = ANY ($1::uuid[]) AND status = 'CREDITED'
       AND $2 BETWEEN valid_from AND valid_to
    """
)
BY_NUMBER = Query[Policy](
    """
    SELECT person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set,
           rule_set, issued_on, valid_from, valid_to, executor_id
      FROM registry.policy
     WHERE number = $1
    """
)
CANCEL = Query[Cancelled](
    """
    UPDATE registry.policy
       SET status = 'CANCELLED'
     WHERE person_id = ANY ($1::uuid[]) AND status IN ('ISSUED', 'CREDITED') AND valid_to >= $2
    RETURNING person_id, policy_id, old.status AS status_before
    """
)
LIVE = Query[Covered](
    """
    SELECT person_id, policy_id, mhi
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.policy USING (person_id)
     WHERE policy.status IN ('ISSUED', 'CREDITED') AND policy.valid_to >= $2
    """
)
RECOVER = Query[Covered](
    """
    UPDATE registry.policy
       SET mhi = new.mhi, service_list = CASE WHEN new.mhi THEN 'GVFMC+MHI' ELSE 'GVFMC' END
      FROM unnest($1::uuid[], $2::uuid[], $3::bool[]) AS new (person_id, policy_id, mhi)
     WHERE policy.person_id = new.person_id AND policy.policy_id = new.policy_id
    RETURNING policy.person_id, policy.policy_id, policy.mhi
    """
)
ISSUER_BIN = Query[str]("SELECT bin FROM registry.organisation WHERE kind = 'ISSUER'")
