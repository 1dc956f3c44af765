"""SQL of packages signed by QR."""

from uuid import UUID

from backend.kernel.db import Query
from backend.signing.egov_qr.model import DocumentRow, PackageRow, SignatureRow

ADD_PACKAGE = Query[None](
    """
    INSERT INTO signing.egov_qr_package (
        package_id, purpose, operation, auth_type, sign_method, description, bin, signer, roles,
        challenge_id, link_sha256, token_sha256, watch_sha256, created_at, expires_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    """
)
ADD_DOCUMENT = Query[None](
    """
    INSERT INTO signing.egov_qr_document (
        package_id, number, sign_method, name, meta, mime, content
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
PACKAGE = Query[PackageRow](
    """
    SELECT package_id, purpose, operation, auth_type, sign_method, description, bin, signer, roles,
           challenge_id, token_sha256, watch_sha256, status, expires_at, refusals, last_refusal,
           eds_signer
      FROM signing.egov_qr_package
     WHERE package_id = $1
    """
)
PACKAGE_OF_LINK = Query[PackageRow](
    """
    SELECT package_id, purpose, operation, auth_type, sign_method, description, bin, signer, roles,
           challenge_id, token_sha256, watch_sha256, status, expires_at, refusals, last_refusal,
           eds_signer
      FROM signing.egov_qr_package
     WHERE link_sha256 = $1
    """
)
PACKAGES = Query[PackageRow](
    """
    SELECT package_id, purpose, operation, auth_type, sign_method, description, bin, signer, roles,
           challenge_id, token_sha256, watch_sha256, status, expires_at, refusals, last_refusal,
           eds_signer
      FROM signing.egov_qr_package
     WHERE package_id = ANY($1)
    """
)
DOCUMENTS = Query[DocumentRow](
    """
    SELECT number, sign_method, name, meta, mime, content
      FROM signing.egov_qr_document
     WHERE package_id = $1
     ORDER BY number
    """
)
OPEN = Query[None](
    """
    UPDATE signing.egov_qr_package SET status = 'OPENED'
     WHERE package_id = $1 AND status = 'PENDING' AND expires_at > $2
    """
)
# Whoever comes first: a second app, or the same one again, finds the package finished.
FINISH = Query[None](
    """
    UPDATE signing.egov_qr_package SET status = $2, finished_at = $3
     WHERE package_id = $1 AND status IN ('PENDING', 'OPENED') AND expires_at > $3
    """
)
REFUSED_ONCE = Query[None](
    """
    UPDATE signing.egov_qr_package
       SET refusals = refusals + 1,
           last_refusal = $2,
           status = CASE WHEN refusals + 1 >= $4 THEN 'REFUSED' ELSE status END,
           finished_at = CASE WHEN refusals + 1 >= $4 THEN $3::timestamptz END
     WHERE package_id = $1 AND status IN ('PENDING', 'OPENED') AND expires_at > $3
    """
)
SHOWN_TO = Query[None](
    """
    UPDATE signing.egov_qr_package SET eds_signer = $2
     WHERE package_id = $1 AND status IN ('PENDING', 'OPENED')
    """
)
SEE = Query[None](
    """
    INSERT INTO signing.egov_qr_seen (signature_sha256, package_id, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
    """
)
ADD_SIGNATURE = Query[None](
    """
    INSERT INTO signing.egov_qr_signature (package_id, number, evidence_id) VALUES ($1, $2, $3)
    """
)
SIGNATURES = Query[SignatureRow](
    """
    SELECT d.number, d.sign_method, s.evidence_id, e.document, e.signature
      FROM signing.egov_qr_signature s
      JOIN signing.egov_qr_document d USING (package_id, number)
      JOIN signing.evidence e USING (evidence_id)
     WHERE s.package_id = $1
     ORDER BY d.number
    """
)
EXPIRE = Query[UUID](
    """
    UPDATE signing.egov_qr_package SET status = 'EXPIRED', finished_at = $1
     WHERE package_id IN (
           SELECT package_id FROM signing.egov_qr_package
            WHERE status IN ('PENDING', 'OPENED') AND expires_at <= $1
            ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING package_id
    """
)
FORGET = Query[None](
    """
    DELETE FROM signing.egov_qr_package
     WHERE package_id IN (
           SELECT package_id FROM signing.egov_qr_package
            WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    """
)
