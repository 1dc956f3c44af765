"""SQL of orders: accepting them, and carrying them out for thousands of persons at once."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.order.model import Order, Part, RunningOrder

ADD = Query[None](
    """
    INSERT INTO registry.policy_order (
        order_id, evidence_id, operation, scope, actor, status, created_at
    )
    VALUES ($1, $2, $3, $4, $5, 'ACCEPTED', $6)
    """
)
ADD_PARTS = Query[None](
    """
    INSERT INTO registry.policy_order_part (order_id, part, after, until)
    SELECT $1, part, after, until
      FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS new (part, after, until)
    """
)
FIND = Query[Order](
    """
    SELECT order_id, operation, scope, status, total,
           (SELECT coalesce(sum(done), 0)::bigint
              FROM registry.policy_order_part AS p
             WHERE p.order_id = policy_order.order_id) AS done,
           created_at, finished_at
      FROM registry.policy_order
     WHERE order_id = $1
    """
)
START = Query[None](
    """
    UPDATE registry.policy_order
       SET status = 'RUNNING',
           total = (
               SELECT count(*)
                 FROM registry.account
                 JOIN registry.person USING (person_id)
                WHERE account.status = 'OPEN' AND ($3::text IS NULL OR person.region = $3)
                  AND NOT EXISTS (
                      SELECT FROM registry.policy
                       WHERE policy.person_id = account.person_id AND policy.year = $2
                         AND policy.status <> 'CANCELLED'
                  )
           )
     WHERE order_id = $1 AND status = 'ACCEPTED'
    """
)
RUNNING = Query[RunningOrder](
    """
    SELECT order_id, scope, actor, created_at
      FROM registry.policy_order
     WHERE order_id = $1 AND status IN ('ACCEPTED', 'RUNNING')
    """
)
# A part in another worker's hands is passed over.
TAKE_PART = Query[Part](
    """
    SELECT part, after, until
      FROM registry.policy_order_part
     WHERE order_id = $1 AND NOT finished
     ORDER BY part
     LIMIT 1
       FOR UPDATE SKIP LOCKED
    """
)
NEXT_PERSONS = Query[UUID](
    """
    SELECT account.person_id
      FROM registry.account
      JOIN registry.person USING (person_id)
     WHERE account.person_id > $1 AND account.person_id <= $2
       AND account.status = 'OPEN' AND ($3::text IS NULL OR person.region = $3)
     ORDER BY account.person_id
     LIMIT $4
    """
)
# One policy and two chained operations for each person; the chains are locked by the caller, in
# a statement before this one, so that this one sees what happened until then. Whoever got a policy
# of the year meanwhile, or lost his account, is passed over.
ISSUE = Query[int](
    """
    WITH issued AS (
        INSERT INTO registry.policy (
            person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set,
            rule_set, issued_on, valid_from, valid_to, executor_id, order_id
        )
        SELECT account.person_id, gen_random_uuid(), $3::int,
               $3::int::text || '-' || lpad(nextval('registry.policy_number')::text, 10, '0'),
               'CREDITED', true, new.mhi, CASE WHEN new.mhi THEN 'GVFMC+MHI' ELSE 'GVFMC' END,
               $4::text, $5::text, $6::date, $7::date, $8::date, attachment.executor_id,
               $9::uuid
          FROM unnest($1::uuid[], $2::bool[]) AS new (person_id, mhi)
          JOIN registry.account USING (person_id)
          LEFT JOIN registry.attachment USING (person_id)
         WHERE account.status = 'OPEN'
           AND NOT EXISTS (
               SELECT FROM registry.policy AS other
                WHERE other.person_id = account.person_id AND other.year = $3::int
                  AND other.status <> 'CANCELLED'
           )
        RETURNING person_id, policy_id, number, mhi, executor_id
    ), told AS (
        SELECT issued.person_id, head.seq, head.hash,
               '{"after":{"executor":' || coalesce('"' || issued.executor_id || '"', 'null')
               || ',"gvfmc":true,"mhi":' || issued.mhi || ',"number":"' || issued.number
               || '","status":"ISSUED","valid_from":"' || $7::date || '","valid_to":"' || $8::date
               || '"},"before":null,"policy":"' || issued.policy_id || '"}' AS issue,
               '{"after":{"status":"CREDITED"},"before":{"status":"ISSUED"},"policy":"'
               || issued.policy_id || '"}' AS credit
          FROM issued
          JOIN registry.log_head AS head ON head.subject_id = issued.person_id
    ), first AS MATERIALIZED (
        SELECT person_id, seq, hash AS previous, issue, credit,
               sha256(hash || registry.operation_bytes(person_id, seq + 1, $10::timestamptz, 'POLICY', 'ISSUE',
                                                       $11::text, 'ORDER', $9::uuid::text, issue)) AS hash
          FROM told
    ), second AS MATERIALIZED (
        SELECT person_id, seq, previous, hash AS first_hash, issue, credit,
               sha256(hash || registry.operation_bytes(person_id, seq + 2, $10::timestamptz, 'POLICY', 'CREDIT',
                                                       $11::text, 'ORDER', $9::uuid::text, credit)) AS hash
          FROM first
    ), logged AS (
        INSERT INTO registry.operation (
            subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
            previous, hash
        )
        SELECT person_id, seq + 1, 'POLICY', 'ISSUE', $10::timestamptz, $11::text, 'ORDER', $9::uuid::text, issue,
               previous, first_hash
          FROM second
         UNION ALL
        SELECT person_id, seq + 2, 'POLICY', 'CREDIT', $10::timestamptz, $11::text, 'ORDER', $9::uuid::text, credit,
               first_hash, hash
          FROM second
    ), lengthened AS (
        UPDATE registry.log_head
           SET seq = second.seq + 2, hash = second.hash
          FROM second
         WHERE log_head.subject_id = second.person_id
        RETURNING 1
    )
    SELECT count(*) FROM lengthened
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.policy_order_part
       SET after = $3, done = done + $4, finished = $5
     WHERE order_id = $1 AND part = $2
    """
)
FINISH = Query[int](
    """
    UPDATE registry.policy_order
       SET status = 'DONE', finished_at = $2, done = parts.done, total = parts.done
      FROM (
        SELECT order_id, sum(done)::bigint AS done
          FROM registry.policy_order_part
         WHERE order_id = $1
         GROUP BY order_id
        HAVING bool_and(finished)
      ) AS parts
     WHERE policy_order.order_id = parts.order_id AND policy_order.status = 'RUNNING'
    RETURNING parts.done
    """
)
