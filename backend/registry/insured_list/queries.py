"""SQL of lists of insured."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.insured_list.model import InsuredList, ListedPolicy, RunningList, SealedPart

ADD = Query[None](
    """
    INSERT INTO registry.insured_list (
        list_id, evidence_id, basis_kind, number, body, requested_on, region, executor_id,
        actor_bin, actor_role, actor_signer, as_of, status, after, created_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'RUNNING',
            '00000000-0000-0000-0000-000000000000', $13)
    """
)
FIND = Query[InsuredList](
    """
    SELECT list_id, basis_kind, number, body, region, executor_id, as_of, status, insured, sha256,
           created_at, finished_at
      FROM registry.insured_list
     WHERE list_id = $1
    """
)
# One worker at a time composes a list: its parts come in one order.
TAKE = Query[RunningList](
    """
    SELECT list_id, evidence_id, basis_kind, number, region, executor_id, actor_bin, actor_role,
           actor_signer, as_of, after, parts, insured
      FROM registry.insured_list
     WHERE list_id = $1 AND status = 'RUNNING'
       FOR UPDATE SKIP LOCKED
    """
)
# An insured has a policy on his account (M §3(18)).
NEXT = Query[ListedPolicy](
    """
    SELECT account.person_id, account.status AS account_status, person.region, policy.number,
           policy.status AS policy_status, policy.service_list, policy.valid_from, policy.valid_to,
           executor.bin AS executor_bin, executor.name AS executor_name
      FROM registry.account
      JOIN registry.person USING (person_id)
      JOIN registry.policy USING (person_id)
      LEFT JOIN registry.organisation AS executor
             ON executor.organisation_id = policy.executor_id
     WHERE account.person_id > $1 AND account.status IN ('OPEN', 'BLOCKED')
       AND policy.status = 'CREDITED' AND $2 BETWEEN policy.valid_from AND policy.valid_to
       AND ($3::text IS NULL OR person.region = $3)
       AND ($4::uuid IS NULL OR policy.executor_id = $4)
     ORDER BY account.person_id
     LIMIT $5
    """
)
ADD_PART = Query[None](
    """
    INSERT INTO registry.insured_list_part (list_id, part, sealed, sha256) VALUES ($1, $2, $3, $4)
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.insured_list SET after = $2, parts = parts + 1, insured = insured + $3
     WHERE list_id = $1
    """
)
HASHES = Query[bytes](
    "SELECT sha256 FROM registry.insured_list_part WHERE list_id = $1 ORDER BY part"
)
FINISH = Query[None](
    """
    UPDATE registry.insured_list SET status = 'DONE', sha256 = $2, finished_at = $3
     WHERE list_id = $1
    """
)
PARTS = Query[SealedPart](
    """
    SELECT part, sealed FROM registry.insured_list_part
     WHERE list_id = $1 AND part > $2
     ORDER BY part
     LIMIT 1
    """
)
STALE = Query[UUID](
    """
    UPDATE registry.insured_list SET status = 'FORGOTTEN'
     WHERE list_id = (
        SELECT list_id FROM registry.insured_list
         WHERE status = 'DONE' AND finished_at < $1
         ORDER BY finished_at
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
    RETURNING list_id
    """
)
FORGET = Query[None]("DELETE FROM registry.insured_list_part WHERE list_id = $1")
