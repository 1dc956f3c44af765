"""SQL of extracts."""

from backend.kernel.db import Query
from backend.registry.extract.model import AccountRow, Entry, Row
from backend.registry.log.model import Operation

ACCOUNT = Query[AccountRow](
    "SELECT status, opened_at FROM registry.account WHERE person_id = $1 AND status <> 'NONE'"
)
# $2: classes, $3: at most; the newest first
ENTRIES = Query[Entry](
    """
    SELECT seq, at, op_class, op_type, actor, basis_kind
      FROM registry.operation
     WHERE subject_id = $1 AND op_class = ANY ($2::text[])
     ORDER BY seq DESC
     LIMIT $3
    """
)
ENTRIES_TOTAL = Query[int](
    """
    SELECT count(*) FROM registry.operation WHERE subject_id = $1 AND op_class = ANY ($2::text[])
    """
)
LOGGED = Query[Operation](
    """
    SELECT subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
           previous, hash
      FROM registry.operation
     WHERE subject_id = $1 AND seq = $2
    """
)
LAST_LOGGED = Query[Operation](
    """
    SELECT subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content,
           previous, hash
      FROM registry.operation
     WHERE subject_id = $1
     ORDER BY seq DESC
     LIMIT 1
    """
)
ADD = Query[None](
    """
    INSERT INTO registry.extract (
        person_id, extract_id, kind, at, actor, actor_bin, evidence_id, code, sha256, sealed, seq,
        hash
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    """
)
# `proved`: its operation stands in the tree of a signed head.
_ROW = r"""
    SELECT person_id, extract_id, kind, at, actor_bin, code, sha256, sealed, seq, hash,
           coalesce((SELECT min(leaf.leaf_index) FROM registry.log_leaf AS leaf
                      WHERE leaf.leaf_hash = sha256('\x00'::bytea || extract.hash))
                    < (SELECT tree_size FROM registry.log_tree_head ORDER BY number DESC LIMIT 1),
                    false) AS proved
      FROM registry.extract
"""
OWN = Query[Row](
    _ROW
    + """
     WHERE person_id = $1 AND extract_id = $2 AND actor_bin IS NULL
    """
)
ORDERED = Query[Row](
    _ROW
    + """
     WHERE extract_id = $1 AND actor_bin = $2
    """
)
OWN_LIST = Query[Row](
    _ROW
    + """
     WHERE person_id = $1 AND actor_bin IS NULL AND ($2::uuid IS NULL OR extract_id < $2)
     ORDER BY extract_id DESC
     LIMIT $3
    """
)
BY_CODE = Query[Row](
    _ROW
    + """
     WHERE code = $1
     LIMIT 1
    """
)
# Is one younger than the last head, or so little older that it may have had no place yet?
WAITS_FOR_HEAD = Query[bool](
    r"""
    SELECT EXISTS (
        SELECT FROM registry.extract
         WHERE at > coalesce(
                   (SELECT at - $1::interval FROM registry.log_tree_head
                     ORDER BY number DESC LIMIT 1),
                   '-infinity')
    )
    """
)
