-- signing: what makes a signature provable years later, with the network gone.

-- Base and delta lists, noted so that a newer one alone takes an older one's place.
ALTER TABLE signing.crl
    ADD COLUMN issuer      bytea,
    ADD COLUMN is_delta    boolean,
    ADD COLUMN this_update timestamptz,
    ADD COLUMN next_update timestamptz,
    ADD COLUMN sha256      bytea NOT NULL GENERATED ALWAYS AS (sha256(der)) STORED;

-- A revocation is for good (one on hold is not noted): the responder need never be asked again.
CREATE TABLE signing.revoked_certificate (
    certificate_sha256 bytea PRIMARY KEY CHECK (length(certificate_sha256) = 32),
    revoked_at         timestamptz NOT NULL,
    reason             smallint CHECK (reason <> 6),
    ocsp               bytea NOT NULL CHECK (length(ocsp) > 0),
    learnt_at          timestamptz NOT NULL
);
CREATE TRIGGER revoked_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON signing.revoked_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- What proofs rest on, byte for byte, each once: issuers' certificates, anchors, OCSP answers, lists,
-- time stamps. Kept before the transaction that takes the proof in, so that none waits for another.
CREATE TABLE signing.frozen (
    sha256  bytea PRIMARY KEY,
    kind    text NOT NULL CHECK (kind IN ('certificate', 'anchor', 'ocsp', 'crl', 'time_stamp')),
    octets  bytea NOT NULL CHECK (length(octets) > 0),
    kept_at timestamptz NOT NULL,
    CHECK (sha256 = pg_catalog.sha256(octets))
);
CREATE TRIGGER frozen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signing.frozen
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- The manifest names by hash everything frozen for a proof; the seal, under the service's key, binds
-- it to the rest of the row. Proofs from before have neither.
ALTER TABLE signing.evidence
    ADD COLUMN manifest bytea,
    ADD COLUMN seal     bytea,
    ADD CONSTRAINT evidence_sealed CHECK ((manifest IS NULL) = (seal IS NULL));

GRANT SELECT, INSERT ON signing.revoked_certificate, signing.frozen TO saqtau_signing;
