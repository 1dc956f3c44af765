"""SQL of the evidence store."""

from backend.kernel.db import Query
from backend.signing.evidence.model import Evidence

STORE = Query[None](
    """
    INSERT INTO signing.evidence (
        evidence_id, operation, document, document_sha256, signature, signer, signer_bin,
        signer_roles, certificate_serial, algorithm, result, verified_at
    )
    VALUES ($1, $2, $3, sha256($3), $4, $5, $6, $7, $8, $9, $10, $11)
    """
)
FIND = Query[Evidence](
    """
    SELECT evidence_id, operation, document, signature, signer_bin, signer_roles, verified_at
      FROM signing.evidence
     WHERE evidence_id = $1
    """
)
ALREADY_USED = "evidence_used_once"
