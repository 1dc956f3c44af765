"""SQL of reversals: one policy of one insured, whose chain is locked."""

from typing import Any
from uuid import UUID

import msgspec

from backend.kernel.db import Query
from backend.registry.policy.model import PolicyStatus


class Held(msgspec.Struct, frozen=True):
    """A policy as it is now; `other`: its holder has another one of that year that counts."""

    policy_id: UUID
    year: int
    status: PolicyStatus
    mhi: bool
    tariff_set: str
    rule_set: str
    other: bool


HELD = Query[Held](
    """
    SELECT policy_id, year, status, mhi, tariff_set, rule_set,
           EXISTS (
               SELECT FROM registry.policy AS other
                WHERE other.person_id = $1 AND other.year = policy.year
                  AND other.policy_id <> policy.policy_id AND other.status <> 'CANCELLED'
           ) AS other
      FROM registry.policy
     WHERE person_id = $1 AND policy_id = $2
    """
)
RESTORE = Query[None](
    """
    UPDATE registry.policy
       SET status = $3, mhi = $4, tariff_set = $5, rule_set = $6,
           service_list = CASE WHEN $4 THEN 'GVFMC+MHI' ELSE 'GVFMC' END
     WHERE person_id = $1 AND policy_id = $2
    """
)
# The reversing operation is the last of the chain now. Once: a second reversal finds the first.
REVERSED = Query[None](
    """
    INSERT INTO registry.reversal (subject_id, reversed_seq, seq)
    SELECT $1, $2, seq FROM registry.log_head WHERE subject_id = $1
    ON CONFLICT (subject_id, reversed_seq) DO NOTHING
    """
)
IS_REVERSED = Query[Any](
    "SELECT seq FROM registry.reversal WHERE subject_id = $1 AND reversed_seq = $2"
)
