"""SQL of the operation log."""

from typing import Any
from uuid import UUID

from backend.kernel.db import Query
from backend.registry.log.model import Operation, PublishedRoot

# Chains begin at nothing; a writer who came first made the head already.
OPEN_HEADS = Query[None](
    """
    INSERT INTO registry.log_head (subject_id, seq, hash)
    SELECT DISTINCT subject_id, 0, $2::bytea
      FROM unnest($1::uuid[]) AS new (subject_id)
     ORDER BY subject_id
    ON CONFLICT (subject_id) DO NOTHING
    """
)
# In order, so that two writers queue up instead of blocking each other for ever. A statement of its
# own: the one that follows then sees the rows as they stand, and nothing can change them meanwhile.
LOCK = Query[UUID](
    """
    SELECT subject_id
      FROM unnest($1::uuid[]) AS asked (subject_id)
      JOIN registry.log_head USING (subject_id)
     ORDER BY subject_id
       FOR UPDATE OF log_head
    """
)
# One operation for each of many subjects, whose heads are locked.
LENGTHEN = Query[None](
    """
    WITH added AS (
        INSERT INTO registry.operation (
            subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
            previous, hash
        )
        SELECT subject_id, head.seq + 1, new.op_class, new.op_type, new.at, new.actor,
               new.basis_kind, new.basis_id, new.content, head.hash,
               sha256(head.hash || registry.operation_bytes(
                   subject_id, head.seq + 1, new.at, new.op_class, new.op_type, new.actor,
                   new.basis_kind, new.basis_id, new.content))
          FROM unnest(
                   $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
                   $7::text[], $8::text[]
               ) AS new (
                   subject_id, op_class, op_type, at, actor, basis_kind, basis_id, content
               )
          JOIN registry.log_head AS head USING (subject_id)
        RETURNING subject_id, seq, hash
    )
    UPDATE registry.log_head
       SET seq = added.seq, hash = added.hash
      FROM added
     WHERE log_head.subject_id = added.subject_id
    """
)
OF_SUBJECT = Query[Operation](
    """
    SELECT subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
           previous, hash
      FROM registry.operation
     WHERE subject_id = $1 AND seq > $2
     ORDER BY seq
     LIMIT $3
    """
)
# What a hash stands over is read raw from the columns and hashed by the verifier itself.
EVERYTHING = Query[Any](
    """
    SELECT subject_id, seq, previous,
           registry.operation_bytes(
               subject_id, seq, at, op_class, op_type, actor, basis_kind, basis_id, content
           ) AS hashed,
           hash
      FROM registry.operation
     ORDER BY subject_id, seq
    """
)
HEADS = Query[Any]("SELECT subject_id, seq, hash FROM registry.log_head ORDER BY subject_id")
# An account that opened has a log: its chain cannot vanish with its head and leave no trace.
ACCOUNT_WITHOUT_LOG = Query[UUID](
    """
    SELECT account.person_id
      FROM registry.account
      LEFT JOIN registry.log_head ON log_head.subject_id = account.person_id
     WHERE account.status <> 'NONE' AND coalesce(log_head.seq, 0) = 0
     ORDER BY account.person_id
     LIMIT 1
    """
)
LENGTH = Query[int]("SELECT coalesce(sum(seq), 0)::bigint FROM registry.log_head")
LAST_ROOT = Query[PublishedRoot](
    """
    SELECT operations, root, published_at
      FROM registry.log_root
     ORDER BY published_at DESC
     LIMIT 1
    """
)
LONGEST_ROOT = Query[PublishedRoot](
    """
    SELECT operations, root, published_at
      FROM registry.log_root
     ORDER BY operations DESC, published_at DESC
     LIMIT 1
    """
)
PUBLISH = Query[None](
    """
    INSERT INTO registry.log_root (published_at, operations, root) VALUES ($1, $2, $3)
    ON CONFLICT (published_at) DO NOTHING
    """
)
# 7105205: one publisher at a time
TRY_PUBLISHER = Query[bool]("SELECT pg_try_advisory_xact_lock(7105205)")
