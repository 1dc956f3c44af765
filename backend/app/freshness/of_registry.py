"""SQL of the registry's pool: journals, confirmations, feeds and files."""

from backend.app.freshness.model import Answer
from backend.kernel.db import Query

# $1 the feeds
ANSWERS = Query[Answer](
    """
    SELECT source || '.journal' AS channel, answered_at FROM registry.state_feed
    UNION ALL
    SELECT 'depository', max(asked_at) FROM registry.confirmation
     WHERE kind = 'STATEMENTS' AND status <> 'UNKNOWN'
    UNION ALL
    SELECT 'gbd_ul.registration', max(asked_at) FROM registry.confirmation
     WHERE kind = 'LEGAL_ENTITY' AND status <> 'UNKNOWN'
    UNION ALL
    SELECT 'contribution_files', max(finished_at) FROM registry.contribution_file
     WHERE status = 'DONE'
    UNION ALL
    SELECT 'feed.' || feed.name, latest.received_at
      FROM unnest($1::text[]) AS feed (name)
      LEFT JOIN LATERAL (
        SELECT max(received_at) AS received_at FROM registry.feed_batch WHERE feed = feed.name
      ) AS latest ON true
    """
)
