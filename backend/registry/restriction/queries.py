"""SQL of restrictions."""

from backend.kernel.db import Query
from backend.registry.restriction.model import Owner

PERSON = Query[Owner](
    """
    SELECT person_id AS subject_id, status, true AS person, true AS natural
      FROM registry.account
     WHERE person_id = $1
       FOR UPDATE
    """
)
ORGANISATION = Query[Owner](
    """
    SELECT organisation_id AS subject_id, status, false AS person, form = 'SOLE' AS natural
      FROM registry.organisation
     WHERE bin = $1
       FOR UPDATE
    """
)
SET_PERSON = Query[None]("UPDATE registry.account SET status = $2 WHERE person_id = $1")
SET_ORGANISATION = Query[None](
    "UPDATE registry.organisation SET status = $2, changed_at = $3 WHERE organisation_id = $1"
)
