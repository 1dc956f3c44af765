"""SQL of batches."""

from backend.kernel.db import Query
from backend.registry.feed.model import Numbered, StoredBatch

CLAIM = Query[None](
    """
    INSERT INTO registry.feed_batch (source, feed, batch_id, fingerprint, received_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (source, feed, batch_id) DO NOTHING
    """
)
FIND = Query[StoredBatch](
    """
    SELECT fingerprint, received_at, answer
      FROM registry.feed_batch
     WHERE source = $1 AND feed = $2 AND batch_id = $3
    """
)
KEEP = Query[None](
    "UPDATE registry.feed_batch SET answer = $4 WHERE source = $1 AND feed = $2 AND batch_id = $3"
)
# Whatever became of them: what is told of a closed executor must not depend on when it is told.
EXECUTORS = Query[Numbered](
    """
    SELECT bin, organisation_id
      FROM registry.organisation
     WHERE bin = ANY ($1::text[]) AND kind = 'EXECUTOR'
    """
)
