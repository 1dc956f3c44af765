"""SQL of representations."""

from backend.egov_adapter.representative.model import Row
from backend.kernel.db import Query

ADD = Query[None](
    """
    INSERT INTO egov.representation (person_id, representation_id, representative_id, basis, scopes,
        document_sealed, valid_to, confirmed_by, confirmed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'GBD_FL', $8)
    """
)
# One that has run out makes room for the next.
END_OVER = Query[None](
    """
    UPDATE egov.representation SET ended_at = $4, ended_by = 'REPRESENTATIVE'
     WHERE person_id = $1 AND representative_id = $2 AND ended_at IS NULL AND valid_to < $3
    """
)
OF_REPRESENTATIVE = Query[Row](
    """
    SELECT person_id, representation_id, representative_id, basis, scopes, valid_to, confirmed_at,
           ended_at
      FROM egov.representation
     WHERE representative_id = $1
     ORDER BY representation_id DESC
     LIMIT 200
    """
)
OF_PERSON = Query[Row](
    """
    SELECT person_id, representation_id, representative_id, basis, scopes, valid_to, confirmed_at,
           ended_at
      FROM egov.representation
     WHERE person_id = $1
     ORDER BY representation_id DESC
     LIMIT 200
    """
)
# In force, of this representative.
IN_FORCE = Query[Row](
    """
    SELECT person_id, representation_id, representative_id, basis, scopes, valid_to, confirmed_at,
           ended_at
      FROM egov.representation
     WHERE representation_id = $1 AND representative_id = $2 AND ended_at IS NULL AND valid_to >= $3
    """
)
END = Query[Row](
    """
    UPDATE egov.representation
       SET ended_at = $3,
           ended_by = CASE WHEN person_id = $2 THEN 'REPRESENTED' ELSE 'REPRESENTATIVE' END
     WHERE representation_id = $1 AND $2 IN (person_id, representative_id) AND ended_at IS NULL
    RETURNING person_id, representation_id, representative_id, basis, scopes, valid_to, confirmed_at,
              ended_at
    """
)
