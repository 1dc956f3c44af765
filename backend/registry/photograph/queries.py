"""SQL of photographs."""

from backend.kernel.db import Query
from backend.registry.photograph.model import Photograph

ADD = Query[None](
    """
    INSERT INTO registry.photograph (
        organisation_id, sha256, handed_in, bytes, width, height, uploaded_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING
    """
)
HANDED_IN = Query[Photograph](
    """
    SELECT encode(sha256, 'hex') AS sha256, bytes, width, height, uploaded_at
      FROM registry.photograph
     WHERE organisation_id = $1 AND handed_in = $2
    """
)
FIND = Query[Photograph](
    """
    SELECT encode(sha256, 'hex') AS sha256, bytes, width, height, uploaded_at
      FROM registry.photograph
     WHERE organisation_id = $1 AND sha256 = $2
    """
)
KEPT = Query[int]("SELECT count(*) FROM registry.photograph WHERE organisation_id = $1")
