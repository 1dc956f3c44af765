"""SQL of the evidence store."""

from backend.kernel.db import Query
from backend.signing.evidence.model import Frozen, StoredProof, Waiting

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
KEEP_WAITING = Query[None](
    """
    INSERT INTO signing.undecided (
        operation, signature_sha256, organisation, sealed, asked_at, next_at
    )
    SELECT $1, $2, $3, $4, $5, $6
     WHERE (SELECT count(*) FROM signing.undecided
             WHERE organisation = $3 AND decided_at IS NULL) < $7
    ON CONFLICT (operation, signature_sha256) DO NOTHING
    """
)
# Each try doubles the pause. Claimed before it is tried: two workers do not ask the same.
CLAIM_WAITING = Query[Waiting](
    """
    UPDATE signing.undecided u
       SET tries = u.tries + 1,
           next_at = $1 + least($2::interval * power(2, least(u.tries, 20)), $3::interval)
      FROM (SELECT operation, signature_sha256
              FROM signing.undecided
             WHERE decided_at IS NULL AND next_at <= $1
             ORDER BY next_at
             LIMIT $4
               FOR UPDATE SKIP LOCKED) due
     WHERE u.operation = due.operation AND u.signature_sha256 = due.signature_sha256
    RETURNING u.operation, u.signature_sha256, u.sealed, u.tries
    """
)
END_WAITING = Query[None](
    """
    UPDATE signing.undecided SET code = $3, decided_at = $4, sealed = NULL
     WHERE operation = $1 AND signature_sha256 = $2 AND decided_at IS NULL
    """
)
FORGET_WAITING = Query[None]("DELETE FROM signing.undecided WHERE asked_at < $1")
ALREADY_USED = "evidence_used_once"
