"""SQL of the evidence store."""

from backend.kernel.db import Query
from backend.signing.evidence.model import Frozen, StoredProof

STORE = Query[None](
    """
    INSERT INTO signing.evidence (
        evidence_id, operation, document, document_sha256, signature, signer, signer_bin,
        signer_roles, certificate_serial, algorithm, result, verified_at, manifest, seal
    )
    VALUES ($1, $2, $3, sha256($3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    """
)
FIND = Query[StoredProof](
    """
    SELECT evidence_id, operation, document, document_sha256, signature, signer, signer_bin,
           signer_roles, certificate_serial, algorithm, result, verified_at, manifest, seal
      FROM signing.evidence
     WHERE evidence_id = $1
    """
)
FREEZE = Query[None](
    """
    INSERT INTO signing.frozen (sha256, kind, octets, kept_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (sha256) DO NOTHING
    """
)
IS_FROZEN = Query[bytes]("SELECT sha256 FROM signing.frozen WHERE sha256 = ANY($1::bytea[])")
FROZEN = Query[Frozen](
    "SELECT sha256, kind, octets FROM signing.frozen WHERE sha256 = ANY($1::bytea[])"
)
FROZEN_HASHES = Query[Frozen](
    """
    SELECT sha256, kind, pg_catalog.sha256(octets) AS octets
      FROM signing.frozen
     WHERE sha256 = ANY($1::bytea[])
    """
)
IS_TOLD = Query[bool](
    "SELECT EXISTS (SELECT FROM kernel.event WHERE subject = $1 AND kind = 'EvidenceFoundBroken')"
)
ALREADY_USED = "evidence_used_once"
