"""SQL of the signing pool: revocation lists as they were fetched."""

from backend.app.freshness.model import Answer
from backend.kernel.db import Query

ANSWERS = Query[Answer](
    "SELECT 'revocation_lists' AS channel, max(fetched_at) AS answered_at FROM signing.crl"
)
