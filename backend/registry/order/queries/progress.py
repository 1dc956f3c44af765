"""SQL of orders themselves: accepting them, how far they are, whom they refused."""

from typing import Final
from uuid import UUID

from backend.kernel.db import Query
from backend.registry.order.model import (
    Order,
    Part,
    Refused,
    RefusedFor,
    RunningOrder,
    YearPart,
)
from backend.registry.order.queries.partition import by_part

ADD = Query[None](
    """
    INSERT INTO registry.policy_order (
        order_id, evidence_id, operation, scope, actor, bin, status, created_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, 'ACCEPTED', $7)
    """
)
ADD_PARTS = Query[None](
    """
    INSERT INTO registry.policy_order_part (order_id, part, after, until)
    SELECT $1, part, after, until
      FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS new (part, after, until)
    """
)
ADD_YEAR = Query[None](
    """
    INSERT INTO registry.policy_year_end (year, part)
    SELECT $1, part FROM generate_series(0, 15) AS part
    ON CONFLICT (year, part) DO NOTHING
    """
)
# Which partition a person lies in.
PART_OF = Query[int](
    """
    SELECT part
      FROM generate_series(0, 15) AS part
     WHERE satisfies_hash_partition('registry.person'::regclass, 16, part, $1::uuid)
    """
)
ATTACHED_TO = Query[UUID]("SELECT executor_id FROM registry.attachment WHERE person_id = $1")
_COUNTED: Final = """
    SELECT o.order_id, o.operation, o.scope, o.status, o.total,
           CASE WHEN o.finished_at IS NULL THEN parts.done ELSE o.done END AS done,
           CASE WHEN o.finished_at IS NULL THEN parts.refused ELSE o.refused END AS refused,
           o.failure, o.created_at, o.finished_at
      FROM registry.policy_order AS o
     CROSS JOIN LATERAL (
        SELECT coalesce(sum(done), 0)::bigint AS done, coalesce(sum(refused), 0)::bigint AS refused
          FROM registry.policy_order_part AS p
         WHERE p.order_id = o.order_id
      ) AS parts
"""
# $2: of this organisation only
FIND = Query[Order](_COUNTED + " WHERE o.order_id = $1 AND ($2::text IS NULL OR o.bin = $2)")
FIND_ALL = Query[Order](_COUNTED + " WHERE o.order_id = ANY ($1::uuid[])")
# The newest first: their ids rise with time. $1: of this organisation only; $2: before this one
LIST = Query[Order](
    _COUNTED
    + """
     WHERE ($1::text IS NULL OR o.bin = $1) AND ($2::uuid IS NULL OR o.order_id < $2)
     ORDER BY o.order_id DESC
     LIMIT $3
    """
)
REFUSED = Query[Refused](
    """
    SELECT person_id, reason
      FROM registry.order_refusal
     WHERE order_id = $1 AND ($2::uuid IS NULL OR person_id > $2)
     ORDER BY person_id
     LIMIT $3
    """
)
REFUSED_FOR = Query[RefusedFor](
    """
    SELECT reason, count(*) AS count
      FROM registry.order_refusal
     WHERE order_id = $1
     GROUP BY reason
     ORDER BY reason
    """
)
ADD_REFUSAL = Query[None](
    """
    INSERT INTO registry.order_refusal (order_id, person_id, reason) VALUES ($1, $2, $3)
    ON CONFLICT (order_id, person_id) DO NOTHING
    """
)

# --- carrying out ----------------------------------------------------------------------------------

RUNNING = Query[RunningOrder](
    """
    SELECT order_id, scope, actor, created_at
      FROM registry.policy_order
     WHERE order_id = $1 AND status IN ('ACCEPTED', 'RUNNING')
    """
)
UNCOUNTED = Query[Part](
    """
    SELECT part, after, until
      FROM registry.policy_order_part
     WHERE order_id = $1 AND total IS NULL
     ORDER BY part
    """
)
# $1..$5: the slice (above $1, up to $2) and the class: regions, attached by, executor
_COUNT: Final = """
    SELECT count(*)
      FROM registry.person_pNN AS person
      LEFT JOIN registry.attachment_pNN AS attachment USING (person_id)
     WHERE person.person_id > $1 AND person.person_id <= $2
       AND ($3::text[] IS NULL OR person.region = ANY ($3))
       AND ($4::date IS NULL OR attachment.since <= $4)
       AND ($5::uuid IS NULL OR attachment.executor_id = $5)
    """
COUNT: Final = tuple(Query[int](text) for text in by_part(_COUNT))
COUNTED = Query[None](
    """
    UPDATE registry.policy_order_part SET total = $3
     WHERE order_id = $1 AND part = $2 AND total IS NULL
    """
)
START = Query[None](
    """
    UPDATE registry.policy_order
       SET status = 'RUNNING',
           total = (SELECT sum(total) FROM registry.policy_order_part AS p WHERE p.order_id = $1)
     WHERE order_id = $1 AND status = 'ACCEPTED'
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
# Where a full slice ends: its last person. None: fewer are left, and the part ends where it ends.
# Of everybody the keys alone are read; $1, $2: the part; $3: how many
_FULL: Final = """
    SELECT person_id
      FROM registry.person_pNN
     WHERE person_id > $1 AND person_id <= $2
     ORDER BY person_id
    OFFSET $3::int - 1
     LIMIT 1
    """
FULL: Final = tuple(Query[UUID](text) for text in by_part(_FULL))
# $1..$5: as COUNT; $6: how many
_FULL_OF_CLASS: Final = """
    SELECT person.person_id
      FROM registry.person_pNN AS person
      LEFT JOIN registry.attachment_pNN AS attachment USING (person_id)
     WHERE person.person_id > $1 AND person.person_id <= $2
       AND ($3::text[] IS NULL OR person.region = ANY ($3))
       AND ($4::date IS NULL OR attachment.since <= $4)
       AND ($5::uuid IS NULL OR attachment.executor_id = $5)
     ORDER BY person.person_id
    OFFSET $6::int - 1
     LIMIT 1
    """
FULL_OF_CLASS: Final = tuple(Query[UUID](text) for text in by_part(_FULL_OF_CLASS))
ADVANCE = Query[None](
    """
    UPDATE registry.policy_order_part
       SET after = $3, done = done + $4, refused = refused + $5, finished = $6
     WHERE order_id = $1 AND part = $2
    """
)
FINISH = Query[Order](
    """
    UPDATE registry.policy_order AS o
       SET status = 'DONE', finished_at = $2, done = parts.done, refused = parts.refused,
           total = parts.done + parts.refused
      FROM (
        SELECT order_id, sum(done)::bigint AS done, sum(refused)::bigint AS refused
          FROM registry.policy_order_part
         WHERE order_id = $1
         GROUP BY order_id
        HAVING bool_and(finished)
      ) AS parts
     WHERE o.order_id = parts.order_id AND o.status = 'RUNNING'
    RETURNING o.order_id, o.operation, o.scope, o.status, o.total, o.done, o.refused, o.failure,
              o.created_at, o.finished_at
    """
)
FAIL = Query[None](
    """
    UPDATE registry.policy_order AS o
       SET status = 'FAILED', failure = $2, finished_at = $3, done = parts.done, refused = parts.refused
      FROM (
        SELECT order_id, sum(done)::bigint AS done, sum(refused)::bigint AS refused
          FROM registry.policy_order_part
         WHERE order_id = $1
         GROUP BY order_id
      ) AS parts
     WHERE o.order_id = parts.order_id AND o.status IN ('ACCEPTED', 'RUNNING')
    """
)

# --- the end of the year ---------------------------------------------------------------------------

# $1: the present year
TAKE_YEAR_PART = Query[YearPart](
    """
    SELECT year, part, after
      FROM registry.policy_year_end
     WHERE year < $1 AND NOT finished
     ORDER BY year, part
     LIMIT 1
       FOR UPDATE SKIP LOCKED
    """
)
ADVANCE_YEAR = Query[None](
    """
    UPDATE registry.policy_year_end
       SET after = $3, expired = expired + $4, finished = $5
     WHERE year = $1 AND part = $2
    """
)
