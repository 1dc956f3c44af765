"""SQL that issues policies: a slice of one partition in one statement, read and written by its key.

Measured in docs/proofs/issuance.md. What makes it fast: each table is read once, by a range of its
primary key, and joined in that order (`PLAN`); a policy and its operation are written by the same
statement, the hash made on the way; nothing passes through the client.
"""

from typing import Any, Final

from backend.kernel.db import Query
from backend.registry.order.model import Issued
from backend.registry.order.queries.partition import by_part

# Plans are made while tables are small or their statistics old: then a join by nested loops looks cheap
# and takes hours. Everything here is a merge of ranges in one order, whatever the statistics say.
PLAN = Query[Any](
    """
    SELECT set_config('enable_nestloop', 'off', true), set_config('enable_hashjoin', 'off', true),
           set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_material', 'off', true), set_config('work_mem', '64MB', true)
    """
)
# $1..$5: the slice (above $1, up to $2) and the class: regions, attached by, executor;
# $6: the day of the order; $7: year; $8, $9: validity; $10, $11: tariff and rule sets; $12: the order;
# $13: its actor; $14: the moment; $15: credited at once; $16, $17: persons whose status was worked
# out, and it; $18: only they are meant.
_JUDGED: Final = """
    judged AS MATERIALIZED (
        SELECT person.person_id, head.seq, head.hash, attachment.executor_id,
               CASE WHEN coalesce(account.status, 'NONE') = 'NONE' THEN 'ACCOUNT_NOT_OPEN'
                    WHEN account.status <> 'OPEN' THEN 'ACCOUNT_' || account.status
                    WHEN other.person_id IS NOT NULL THEN 'POLICY_EXISTS'
               END AS refusal,
               -- NULL: it has to be worked out
               CASE WHEN decided.person_id IS NOT NULL THEN decided.mhi
                    WHEN told.person_id IS NULL AND known.since <= $6::date
                         AND coalesce(known.review_on > $6::date, true)
                    THEN known.status = 'CONSUMER'
               END AS mhi
          FROM registry.person_pNN AS person
          LEFT JOIN registry.account_pNN AS account
            ON account.person_id = person.person_id
           AND account.person_id > $1 AND account.person_id <= $2
          LEFT JOIN registry.attachment_pNN AS attachment
            ON attachment.person_id = person.person_id
           AND attachment.person_id > $1 AND attachment.person_id <= $2
          LEFT JOIN registry.log_head_pNN AS head
            ON head.subject_id = person.person_id
           AND head.subject_id > $1 AND head.subject_id <= $2
          LEFT JOIN registry.policy_pNN AS other
            ON other.person_id = person.person_id AND other.year = $7::int
           AND other.status <> 'CANCELLED'
           AND other.person_id > $1 AND other.person_id <= $2
          LEFT JOIN registry.entitlement_pNN AS known
            ON known.person_id = person.person_id
           AND known.person_id > $1 AND known.person_id <= $2
          LEFT JOIN (
            SELECT DISTINCT person_id
              FROM registry.entitlement_dirty
             WHERE person_id > $1 AND person_id <= $2
          ) AS told ON told.person_id = person.person_id
          LEFT JOIN unnest($16::uuid[], $17::bool[]) AS decided (person_id, mhi)
            ON decided.person_id = person.person_id
         WHERE person.person_id > $1 AND person.person_id <= $2
           AND {meant}
           AND (NOT $18::bool OR decided.person_id IS NOT NULL)
         ORDER BY person.person_id
    ), made AS (
        -- the id follows from order and person: begun again, the same policy is made
        SELECT person_id, seq, hash, executor_id, mhi,
               md5(uuid_send($12::uuid) || uuid_send(person_id))::uuid AS policy_id,
               (SELECT year FROM fixed)
               || lpad(nextval('registry.policy_number')::text, 10, '0') AS number
          FROM judged
         WHERE refusal IS NULL AND mhi IS NOT NULL
         ORDER BY person_id
        OFFSET 0
    )
"""
# Everybody: then nothing of a person is read but his key. Asked with a class, it finds nobody.
_EVERYBODY: Final = "$3::text[] IS NULL AND $4::date IS NULL AND $5::uuid IS NULL"
_CLASS: Final = """($3::text[] IS NULL OR person.region = ANY ($3))
           AND ($4::date IS NULL OR attachment.since <= $4)
           AND ($5::uuid IS NULL OR attachment.executor_id = $5)"""
_FIXED: Final = """
    WITH fixed AS MATERIALIZED (
        SELECT $7::int::text || '-' AS year,
               -- what all the operations' bytes have in common: from the time to the content
               substr(registry.operation_bytes($12::uuid, 0, $14::timestamptz, 'POLICY', 'ISSUE',
                                               $13::text, 'ORDER', $12::uuid::text, ''), 25) AS bytes,
               $12::uuid::text AS order_id,
               -- the content, but for what differs from one to another
               '{"after":{"executor":"' AS of_executor, '{"after":{"executor":null' AS of_nobody,
               ',"gvfmc":true,"mhi":true,"number":"' AS insured,
               ',"gvfmc":true,"mhi":false,"number":"' AS uninsured,
               '","status":"' || CASE WHEN $15::bool THEN 'CREDITED' ELSE 'ISSUED' END
               || '","valid_from":"' || $8::date || '","valid_to":"' || $9::date
               || '"},"before":null,"operations":['
               || CASE WHEN $15 THEN '"ISSUE","CREDIT"' ELSE '"ISSUE"' END
               || '],"policy":"' AS rest,
               CASE WHEN $15 THEN 'CREDITED' ELSE 'ISSUED' END AS status
    ),
"""
_POLICIES: Final = """
        INSERT INTO registry.policy_pNN (
            person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set,
            rule_set, issued_on, valid_from, valid_to, executor_id, order_id
        )
        SELECT person_id, policy_id, $7::int, number, (SELECT status FROM fixed), true, mhi,
               CASE WHEN mhi THEN 'GVFMC+MHI' ELSE 'GVFMC' END, $10::text, $11::text, $6::date,
               $8::date, $9::date, executor_id, $12::uuid
"""
_LOGGED: Final = """
    , told_of AS (
        SELECT person_id, seq + 1 AS seq, hash AS previous, executor_id, mhi, policy_id, number,
               coalesce((SELECT of_executor FROM fixed) || executor_id || '"', (SELECT of_nobody FROM fixed))
               || CASE WHEN mhi THEN (SELECT insured FROM fixed) ELSE (SELECT uninsured FROM fixed) END
               || number || (SELECT rest FROM fixed) || policy_id || '"}' AS content
          FROM made
         ORDER BY person_id
        OFFSET 0
    ), new AS MATERIALIZED (
        SELECT person_id, seq, previous, executor_id, mhi, policy_id, number, content,
               sha256(previous || uuid_send(person_id) || int8send(seq)
                      || (SELECT bytes FROM fixed) || convert_to(content, 'UTF8')) AS hash
          FROM told_of
         ORDER BY person_id
    ), refused AS (
        INSERT INTO registry.order_refusal_pNN (order_id, person_id, reason)
        SELECT $12::uuid, person_id, refusal FROM judged WHERE refusal IS NOT NULL
    ), policies AS (
        {policies}
          FROM new
    ), logged AS (
        INSERT INTO registry.operation_pNN (
            subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
            previous, hash
        )
        SELECT person_id, seq, 'POLICY', 'ISSUE', $14::timestamptz, $13::text, 'ORDER',
               (SELECT order_id FROM fixed), content, previous, hash
          FROM new
    ), chained AS (
        -- a chain that somebody lengthened meanwhile stays as it is, and the caller gives way
        UPDATE registry.log_head_pNN AS head
           SET seq = new.seq, hash = new.hash
          FROM new
         WHERE head.subject_id = new.person_id AND head.hash = new.previous
           AND head.subject_id > $1 AND head.subject_id <= $2
        RETURNING 1
    )
    SELECT count(*) FILTER (WHERE refusal IS NULL AND mhi IS NOT NULL) AS done,
           count(*) FILTER (WHERE refusal IS NOT NULL) AS refused,
           (SELECT count(*) FROM chained) AS chained,
           array_agg(person_id) FILTER (WHERE refusal IS NULL AND mhi IS NULL) AS unsure
      FROM judged
"""


def _issuing(meant: str) -> tuple[Query[Issued], ...]:
    text = _FIXED + _JUDGED.replace("{meant}", meant)
    text += _LOGGED.replace("{policies}", _POLICIES.strip())
    return tuple(Query[Issued](part) for part in by_part(text))


ISSUE_TO_ALL: Final = _issuing(_EVERYBODY)
ISSUE_TO_CLASS: Final = _issuing(_CLASS)
# The policies alone, for measuring what the rest costs: no operation, no chain, no refusals.
POLICIES_ONLY: Final = tuple(
    Query[None](text)
    for text in by_part(_FIXED + _JUDGED.replace("{meant}", _EVERYBODY) + _POLICIES + " FROM made")
)
