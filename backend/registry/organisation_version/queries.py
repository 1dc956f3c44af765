"""SQL of versions."""

from backend.kernel.db import Query
from backend.registry.organisation_version.model import SealedVersion

ADD = Query[int](
    """
    INSERT INTO registry.organisation_version (
        organisation_id, version, sealed, evidence_id, valid_since
    )
    SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4
      FROM registry.organisation_version
     WHERE organisation_id = $1
    RETURNING version
    """
)
LAST = Query[SealedVersion](
    """
    SELECT organisation_id, version, sealed, evidence_id
      FROM registry.organisation_version
     WHERE organisation_id = $1
     ORDER BY version DESC
     LIMIT 1
    """
)
FIND = Query[SealedVersion](
    """
    SELECT organisation_id, version, sealed, evidence_id
      FROM registry.organisation_version
     WHERE organisation_id = $1 AND version = $2
    """
)
