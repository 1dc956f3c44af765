"""SQL that changes policies: a slice of one partition in one statement, each change with its operation.

The chains of the slice are locked by the caller in a statement before (`LOCK_CHAINS`), so that this one
sees what happened until then and nothing comes between.
"""

from typing import Final
from uuid import UUID

from backend.kernel.db import Query
from backend.registry.order.model import Served, Slice
from backend.registry.order.queries.partition import by_part

# $1..$5: the slice (above $1, up to $2) and the class: regions, attached by, executor; $6: year;
# $7: the order; $8: its actor; $9: the moment; from $10 on what the operation needs.
_CHOSEN: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT person.person_id, policy.policy_id, {refusal} AS refusal, {columns}
          FROM registry.person_pNN AS person
          LEFT JOIN registry.account_pNN AS account USING (person_id)
          LEFT JOIN registry.attachment_pNN AS attachment USING (person_id)
          LEFT JOIN registry.policy_pNN AS policy
            ON policy.person_id = person.person_id AND policy.year = $6::int
           AND policy.status <> 'CANCELLED'
          {more}
         WHERE person.person_id > $1::uuid AND person.person_id <= $2::uuid
           AND ($3::text[] IS NULL OR person.region = ANY ($3))
           AND ($4::date IS NULL OR attachment.since <= $4)
           AND ($5::uuid IS NULL OR attachment.executor_id = $5)
    ), refused AS (
        INSERT INTO registry.order_refusal_pNN (order_id, person_id, reason)
        SELECT $7::uuid, person_id, refusal FROM chosen WHERE refusal IS NOT NULL
    ),
"""
# Of chosen (person_id, policy_id, refusal, content, …) the policies are changed and chained.
_CARRIED_OUT: Final = """
    changed AS (
        UPDATE registry.policy_pNN AS policy
           SET {set}
          FROM chosen
         WHERE policy.person_id = chosen.person_id AND policy.policy_id = chosen.policy_id
           AND chosen.refusal IS NULL
    ), logged AS (
        INSERT INTO registry.operation_pNN (
            subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
            previous, hash
        )
        SELECT head.subject_id, head.seq + 1, 'POLICY', '{op_type}', $9::timestamptz, $8::text,
               '{basis}', $7::text, content, head.hash,
               sha256(head.hash || registry.operation_bytes(
                   head.subject_id, head.seq + 1, $9::timestamptz, 'POLICY', '{op_type}', $8::text,
                   '{basis}', $7::text, content))
          FROM chosen
          JOIN registry.log_head_pNN AS head ON head.subject_id = chosen.person_id
         WHERE chosen.refusal IS NULL
        RETURNING subject_id, seq, hash
    ), chained AS (
        UPDATE registry.log_head_pNN AS head
           SET seq = logged.seq, hash = logged.hash
          FROM logged
         WHERE head.subject_id = logged.subject_id
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM chained) AS done,
           (SELECT count(*) FROM chosen WHERE refusal IS NOT NULL) AS refused
"""
_LIVE_ONLY: Final = """
               CASE WHEN policy.policy_id IS NULL THEN 'NO_POLICY'
                    WHEN policy.status NOT IN ('ISSUED', 'CREDITED') THEN 'POLICY_STATUS_WRONG'
                    {more} END
"""


def _of_parts(*texts: str, **fields: str) -> tuple[Query[Served], ...]:
    text = "".join(texts)
    for name, value in {"more": "", "basis": "ORDER", **fields}.items():
        text = text.replace("{" + name + "}", value)
    return tuple(Query[Served](each) for each in by_part(text))


CREDIT: Final = _of_parts(
    _CHOSEN,
    _CARRIED_OUT,
    op_type="CREDIT",
    refusal="""
               CASE WHEN policy.policy_id IS NULL THEN 'NO_POLICY'
                    WHEN policy.status <> 'ISSUED' THEN 'POLICY_STATUS_WRONG'
                    WHEN coalesce(account.status, 'NONE') = 'NONE' THEN 'ACCOUNT_NOT_OPEN'
                    WHEN account.status <> 'OPEN' THEN 'ACCOUNT_' || account.status END
    """,
    columns="""
               '{"after":{"status":"CREDITED"},"before":{"status":"ISSUED"},"policy":"'
               || policy.policy_id || '"}' AS content
    """,
    set="status = 'CREDITED'",
)
# $10: the ground
CANCEL: Final = _of_parts(
    _CHOSEN.replace("{refusal}", _LIVE_ONLY.replace("{more}", "")),
    _CARRIED_OUT,
    op_type="CANCEL",
    columns="""
               '{"after":{"status":"CANCELLED"},"before":{"status":"' || policy.status
               || '"},"ground":"' || $10::text || '","policy":"' || policy.policy_id || '"}' AS content
    """,
    set="status = 'CANCELLED'",
)
# The attachment is what the MIS told (M §38): an order brings the policy to it, not the other way.
CHANGE_EXECUTOR: Final = _of_parts(
    _CHOSEN.replace(
        "{refusal}",
        _LIVE_ONLY.replace(
            "{more}",
            """
                    WHEN attachment.executor_id IS NULL THEN 'NOT_ATTACHED'
                    WHEN attachment.executor_id = policy.executor_id THEN 'NOTHING_TO_CHANGE'
            """,
        ),
    ),
    _CARRIED_OUT,
    op_type="EXECUTOR_CHANGED",
    columns="""
               attachment.executor_id,
               '{"after":{"executor":"' || attachment.executor_id || '"},"before":{"executor":'
               || coalesce('"' || policy.executor_id || '"', 'null') || '},"policy":"'
               || policy.policy_id || '"}' AS content
    """,
    set="executor_id = chosen.executor_id",
)
# $10, $11: tariff and rule sets, NULL as they are; $12, $13: persons, and whether each is insured today
CHANGE: Final = _of_parts(
    _CHOSEN.replace(
        "{refusal}",
        _LIVE_ONLY.replace(
            "{more}",
            """
                    WHEN (coalesce($10, policy.tariff_set), coalesce($11, policy.rule_set),
                          coalesce(decided.mhi, policy.mhi))
                         = (policy.tariff_set, policy.rule_set, policy.mhi) THEN 'NOTHING_TO_CHANGE'
            """,
        ),
    ),
    _CARRIED_OUT,
    op_type="CHANGE",
    more="""
          LEFT JOIN unnest($12::uuid[], $13::bool[]) AS decided (person_id, mhi)
            ON decided.person_id = person.person_id
    """,
    columns="""
               coalesce($10::text, policy.tariff_set) AS tariff_set,
               coalesce($11::text, policy.rule_set) AS rule_set,
               coalesce(decided.mhi, policy.mhi) AS mhi,
               jsonb_build_object(
                   'after', jsonb_strip_nulls(jsonb_build_object(
                       'tariff_set', nullif($10, policy.tariff_set),
                       'rule_set', nullif($11, policy.rule_set),
                       'mhi', nullif(decided.mhi, policy.mhi))),
                   'before', jsonb_strip_nulls(jsonb_build_object(
                       'tariff_set', CASE WHEN $10 <> policy.tariff_set THEN policy.tariff_set END,
                       'rule_set', CASE WHEN $11 <> policy.rule_set THEN policy.rule_set END,
                       'mhi', CASE WHEN decided.mhi <> policy.mhi THEN policy.mhi END)),
                   'policy', policy.policy_id)::text AS content
    """,
    set="""tariff_set = chosen.tariff_set, rule_set = chosen.rule_set, mhi = chosen.mhi,
               service_list = CASE WHEN chosen.mhi THEN 'GVFMC+MHI' ELSE 'GVFMC' END""",
)
# Who has a live policy in the slice: whose status has to be worked out.
_LIVE: Final = """
    SELECT person_id
      FROM registry.policy_pNN
     WHERE person_id > $1 AND person_id <= $2 AND year = $3 AND status IN ('ISSUED', 'CREDITED')
    """
LIVE: Final = tuple(Query[UUID](text) for text in by_part(_LIVE))
_LOCK: Final = """
    SELECT count(*)
      FROM (
        SELECT FROM registry.log_head_pNN
         WHERE subject_id > $1 AND subject_id <= $2
         ORDER BY subject_id
           FOR UPDATE
      ) AS locked
    """
LOCK_CHAINS: Final = tuple(Query[int](text) for text in by_part(_LOCK))

# --- the end of the year (D13) ---------------------------------------------------------------------

# $1, $2: the slice; $3: the year; $4: what it rests on; $5: the actor; $6: the moment
_EXPIRING: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT person_id, policy_id, NULL::text AS refusal,
               '{"after":{"status":"EXPIRED"},"before":{"status":"' || status || '"},"policy":"'
               || policy_id || '"}' AS content
          FROM registry.policy_pNN
         WHERE person_id > $1::uuid AND person_id <= $2::uuid AND year = $3::int
           AND status IN ('ISSUED', 'CREDITED')
    ),
"""
EXPIRE: Final = _of_parts(
    _EXPIRING,
    # without a class the numbers close up
    _CARRIED_OUT.replace("$7", "$4").replace("$8", "$5").replace("$9", "$6"),
    op_type="CHANGE",
    basis="EVENT",
    set="status = 'EXPIRED'",
)
_DUE: Final = """
    SELECT count(*) AS persons, (array_agg(person_id ORDER BY person_id DESC))[1] AS until
      FROM (
        SELECT person_id
          FROM registry.policy_pNN
         WHERE person_id > $1 AND year = $2 AND status IN ('ISSUED', 'CREDITED')
         ORDER BY person_id
         LIMIT $3
      ) AS slice
    """
EXPIRING: Final = tuple(Query[Slice](text) for text in by_part(_DUE))
