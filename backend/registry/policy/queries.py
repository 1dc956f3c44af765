"""SQL of policies."""

from backend.kernel.db import Query
from backend.registry.policy.model import Cancelled, Policy

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
     WHERE person_id = $1 AND status IN ('ISSUED', 'CREDITED') AND valid_to >= $2
    RETURNING person_id, policy_id, old.status
    """
)
ISSUER_BIN = Query[str]("SELECT bin FROM registry.organisation WHERE kind = 'ISSUER'")
