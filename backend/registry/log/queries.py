"""SQL of the operation log."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.log.model import (
    End,
    KeyRow,
    Leaf,
    LostLeaf,
    Node,
    Operation,
    Placed,
    TreeHead,
    Waiting,
)

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

# --- the tree -----------------------------------------------------------------------------------

# 7105205: one gives places at a time, or two would give the same ones
TRY_SEALER = Query[bool]("SELECT pg_try_advisory_xact_lock(7105205)")
TREE_SIZE = Query[int](
    "SELECT coalesce((SELECT max(leaf_index) FROM registry.log_leaf) + 1, 0)::bigint"
)
WAITING = Query[Waiting](
    """
    SELECT batch_id, operations
      FROM registry.log_pending
     ORDER BY batch_id
     LIMIT $1
    """
)
# $1: the batches in order, $2: the first free place
PLACE = Query[None](
    r"""
    INSERT INTO registry.log_leaf (leaf_index, subject_id, seq, leaf_hash)
    SELECT $2::bigint + row_number() OVER (ORDER BY batch.batch_id, logged.place) - 1,
           logged.subject_id, logged.seq, sha256('\x00'::bytea || logged.hash)
      FROM registry.log_pending AS batch,
           unnest(batch.subjects, batch.seqs, batch.hashes)
               WITH ORDINALITY AS logged (subject_id, seq, hash, place)
     WHERE batch.batch_id = ANY ($1::bigint[])
    """
)
PLACED = Query[None]("DELETE FROM registry.log_pending WHERE batch_id = ANY ($1::bigint[])")
# $1: from, $2: to (not included)
LEAF_HASHES = Query[bytes](
    """
    SELECT leaf_hash
      FROM registry.log_leaf
     WHERE leaf_index >= $1 AND leaf_index < $2
     ORDER BY leaf_index
    """
)
SUBTREE_HASHES = Query[bytes](
    """
    SELECT hash
      FROM registry.log_subtree
     WHERE height = $1 AND position >= $2 AND position < $3
     ORDER BY position
    """
)
ADD_SUBTREES = Query[None](
    """
    INSERT INTO registry.log_subtree (height, position, hash)
    SELECT $1, $2::bigint + place - 1, hash
      FROM unnest($3::bytea[]) WITH ORDINALITY AS made (hash, place)
    """
)
# What several parts of a proof are made of, in one statement each: leaves, and stored subtrees.
LEAVES_OF_PARTS = Query[Node](
    """
    SELECT asked.part::int AS part, leaf.leaf_hash AS hash
      FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS asked (part, start, stop)
      JOIN registry.log_leaf AS leaf
        ON leaf.leaf_index >= asked.start AND leaf.leaf_index < asked.stop
     ORDER BY asked.part, leaf.leaf_index
    """
)
SUBTREES_OF_PARTS = Query[Node](
    """
    SELECT asked.part::int AS part, subtree.hash
      FROM unnest($1::int[], $2::smallint[], $3::bigint[], $4::bigint[])
               AS asked (part, height, start, stop)
      JOIN registry.log_subtree AS subtree
        ON subtree.height = asked.height
       AND subtree.position >= asked.start AND subtree.position < asked.stop
     ORDER BY asked.part, subtree.position
    """
)
LEAF_BY_HASH = Query[Leaf](
    """
    SELECT leaf_index, subject_id, seq, leaf_hash
      FROM registry.log_leaf
     WHERE leaf_hash = $1
     ORDER BY leaf_index
     LIMIT 1
    """
)
BACKLOG = Query[int]("SELECT coalesce(sum(operations), 0)::bigint FROM registry.log_pending")

# --- keys and heads -----------------------------------------------------------------------------

KEYS = Query[KeyRow](
    """
    SELECT key_number, public_key, private_sealed, endorsement, created_at, retired_at
      FROM registry.log_key
     ORDER BY key_number
    """
)
SIGNING_KEY = Query[KeyRow](
    """
    SELECT key_number, public_key, private_sealed, endorsement, created_at, retired_at
      FROM registry.log_key
     WHERE retired_at IS NULL
    """
)
LOCK_KEYS = Query[None]("SELECT pg_advisory_xact_lock(7105206)")
LAST_KEY_NUMBER = Query[int]("SELECT coalesce(max(key_number), 0) FROM registry.log_key")
ADD_KEY = Query[None](
    """
    INSERT INTO registry.log_key (
        key_number, public_key, private_sealed, endorsement, created_at
    )
    VALUES ($1, $2, $3, $4, $5)
    """
)
RETIRE_KEY = Query[None]("UPDATE registry.log_key SET retired_at = $1 WHERE retired_at IS NULL")
LAST_HEAD = Query[TreeHead](
    """
    SELECT number, tree_size, root, at, previous, key_number, signature
      FROM registry.log_tree_head
     ORDER BY number DESC
     LIMIT 1
    """
)
HEADS_AFTER = Query[TreeHead](
    """
    SELECT number, tree_size, root, at, previous, key_number, signature
      FROM registry.log_tree_head
     WHERE number > $1
     ORDER BY number
     LIMIT $2
    """
)
# The first head over a leaf: what a proof once rested on, it always rests on.
HEAD_OVER = Query[TreeHead](
    """
    SELECT number, tree_size, root, at, previous, key_number, signature
      FROM registry.log_tree_head
     WHERE tree_size > $1
     ORDER BY tree_size, number
     LIMIT 1
    """
)
# 7105207: one signs at a time
TRY_SIGNER = Query[bool]("SELECT pg_try_advisory_xact_lock(7105207)")
ADD_HEAD = Query[None](
    """
    INSERT INTO registry.log_tree_head (
        number, tree_size, root, at, previous, key_number, signature
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)

# --- verification -------------------------------------------------------------------------------
# Read by PostgreSQL's binary copy (stream.py): one column, taken apart by the verifier itself.

# The verifier reads for as long as it takes; nothing else waits on its connection.
PATIENT = Query[str]("SELECT set_config('statement_timeout', '0', true)")
# What a hash stands over is read raw from the columns; the hash kept stands behind it.
OPERATIONS = Query[bytes](
    """
    SELECT previous || registry.operation_bytes(
               subject_id, seq, at, op_class, op_type, actor, basis_kind, basis_id, content
           ) || hash
      FROM registry.operation
     ORDER BY subject_id, seq
    """
)
ENDS = Query[bytes](
    """
    SELECT uuid_send(subject_id) || int8send(seq) || hash FROM registry.log_head WHERE seq > 0
    """
)
LEAVES = Query[bytes](
    """
    SELECT int8send(leaf_index) || uuid_send(subject_id) || int8send(seq) || leaf_hash
      FROM registry.log_leaf
     ORDER BY leaf_index
    """
)
SUBTREES = Query[bytes](
    "SELECT int2send(height) || int8send(position) || hash FROM registry.log_subtree"
)
# Of each batch: subject, place in the chain and hash of its operations, in the order of their places.
WAITING_KEYS = Query[list[bytes]](
    """
    SELECT ARRAY(
               SELECT uuid_send(logged.subject_id) || int8send(logged.seq) || logged.hash
                 FROM unnest(subjects, seqs, hashes)
                          WITH ORDINALITY AS logged (subject_id, seq, hash, place)
                ORDER BY logged.place
           ) AS keys
      FROM registry.log_pending
     ORDER BY batch_id
    """
)
HEADS = Query[TreeHead](
    """
    SELECT number, tree_size, root, at, previous, key_number, signature
      FROM registry.log_tree_head
     ORDER BY number
    """
)
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

# --- where it is broken (asked only when it is) ---------------------------------------------------

END_DIFFERS = Query[End](
    """
    SELECT coalesce(kept.subject_id, found.subject_id) AS subject_id,
           kept.seq AS kept_seq, found.seq AS found_seq
      FROM (SELECT subject_id, seq, hash FROM registry.log_head WHERE seq > 0) AS kept
      FULL JOIN (
        SELECT DISTINCT ON (subject_id) subject_id, seq, hash
          FROM registry.operation
         ORDER BY subject_id, seq DESC
      ) AS found USING (subject_id)
     WHERE (kept.seq, kept.hash) IS DISTINCT FROM (found.seq, found.hash)
     ORDER BY 1
     LIMIT 1
    """
)
# A place in the tree whose operation is gone or is another.
LEAF_WITHOUT_OPERATION = Query[LostLeaf](
    r"""
    SELECT leaf.leaf_index, leaf.subject_id, leaf.seq, logged.hash IS NULL AS gone
      FROM registry.log_leaf AS leaf
      LEFT JOIN registry.operation AS logged USING (subject_id, seq)
     WHERE sha256('\x00'::bytea || logged.hash) IS DISTINCT FROM leaf.leaf_hash
     ORDER BY leaf.leaf_index
     LIMIT 1
    """
)
# Is there an operation of this leaf's hash, wherever?
LOGGED_ANYWHERE = Query[bool](
    r"""
    SELECT EXISTS (
        SELECT FROM registry.operation AS logged
          JOIN registry.log_leaf AS leaf ON leaf.leaf_hash = sha256('\x00'::bytea || logged.hash)
         WHERE leaf.leaf_index = $1
    )
    """
)
# An operation that neither has a place nor waits for one, or has two.
OPERATION_WITHOUT_LEAF = Query[Placed](
    """
    SELECT logged.subject_id, logged.seq
      FROM registry.operation AS logged
      LEFT JOIN (
        SELECT subject_id, seq FROM registry.log_leaf
        UNION ALL
        SELECT waiting.subject_id, waiting.seq
          FROM registry.log_pending AS batch,
               unnest(batch.subjects, batch.seqs) AS waiting (subject_id, seq)
      ) AS place USING (subject_id, seq)
     GROUP BY logged.subject_id, logged.seq
    HAVING count(place.subject_id) <> 1
     ORDER BY logged.subject_id, logged.seq
     LIMIT 1
    """
)
WAITING_WITHOUT_OPERATION = Query[Placed](
    """
    SELECT waiting.subject_id, waiting.seq
      FROM registry.log_pending AS batch,
           unnest(batch.subjects, batch.seqs, batch.hashes)
               WITH ORDINALITY AS waiting (subject_id, seq, hash, place)
      LEFT JOIN registry.operation AS logged
        ON logged.subject_id = waiting.subject_id AND logged.seq = waiting.seq
       AND logged.hash = waiting.hash
     WHERE logged.subject_id IS NULL
     ORDER BY batch.batch_id, waiting.place
     LIMIT 1
    """
)
