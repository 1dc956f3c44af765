-- signing: a sole proprietor's number is an IIN, so it stands nowhere openly; proofs are read by this wing alone.

-- Of a sole proprietor's session the number is sealed, bound to the session. The wings know him by it, as
-- they know a legal entity by its BIN; events, logs and idempotency know him by the keyed hash (`signer`).
-- Sessions last an hour: those of before the seal end here, and their holders sign in again.
DELETE FROM signing.session WHERE bin IS NOT NULL AND substr(bin, 5, 1) IN ('0', '1', '2', '3');
ALTER TABLE signing.session
    ADD COLUMN sole bytea CHECK (length(sole) > 0),
    DROP CONSTRAINT session_check,
    ADD CONSTRAINT session_whose CHECK (num_nonnulls(bin, person_id, sole) = 1),
    ADD CONSTRAINT session_sole CHECK (sole IS NULL OR signer IS NOT NULL);

-- A package offered by a sole proprietor is his by the keyed hash of his IIN.
DELETE FROM signing.egov_qr_package
 WHERE bin IS NOT NULL AND substr(bin, 5, 1) IN ('0', '1', '2', '3') AND signer IS NOT NULL;
ALTER TABLE signing.egov_qr_package
    DROP CONSTRAINT egov_qr_package_check4,
    ADD CONSTRAINT egov_qr_package_whose
        CHECK ((purpose = 'operation') = (bin IS NOT NULL OR signer IS NOT NULL));

-- A proof is put down by the wing whose act it proves, in its transaction, and read by the signing wing, which
-- compares every octet. Visits take no signed commands.
REVOKE SELECT, INSERT ON signing.evidence
  FROM saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT INSERT (evidence_id, operation, document, document_sha256, signature, signer, signer_bin,
              signer_roles, certificate_serial, algorithm, result, verified_at, manifest, seal)
   ON signing.evidence TO saqtau_registry, saqtau_allocation, saqtau_payments, saqtau_egov;
-- A citizen's session is opened by egov, and found by the front.
REVOKE SELECT, INSERT ON signing.session FROM saqtau_egov;
GRANT INSERT (session_id, token_sha256, roles, bin, person_id, signer, opened_at, expires_at, sole)
   ON signing.session TO saqtau_egov;
