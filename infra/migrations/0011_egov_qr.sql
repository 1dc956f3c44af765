-- signing by QR with eGov Mobile: packages of documents, kept until they are fetched (ECP.md §4).

CREATE TABLE signing.egov_qr_package (
    package_id   uuid PRIMARY KEY,
    purpose      text NOT NULL CHECK (purpose IN ('operation', 'login')),
    operation    text CHECK (operation <> ''),
    auth_type    text NOT NULL CHECK (auth_type IN ('Token', 'None', 'Eds')),
    sign_method  text NOT NULL
                 CHECK (sign_method IN ('XML', 'CMS_WITH_DATA', 'CMS_SIGN_ONLY', 'MIX_SIGN')),
    description  jsonb NOT NULL,
    bin          text CHECK (bin ~ '^[0-9]{12}$'),
    signer       bytea CHECK (length(signer) = 32),
    roles        text[] NOT NULL,
    challenge_id uuid,
    -- The link, the app's token and the guest's token are never stored, only their SHA-256.
    link_sha256  bytea NOT NULL UNIQUE CHECK (length(link_sha256) = 32),
    token_sha256 bytea CHECK (length(token_sha256) = 32),
    watch_sha256 bytea CHECK (length(watch_sha256) = 32),
    status       text NOT NULL DEFAULT 'PENDING'
                 CHECK (status IN ('PENDING', 'OPENED', 'SIGNED', 'REFUSED', 'EXPIRED')),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    refusals     int NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    last_refusal text,
    eds_signer   bytea CHECK (length(eds_signer) = 32),
    CHECK (expires_at > created_at),
    CHECK ((auth_type = 'Token') = (token_sha256 IS NOT NULL)),
    CHECK (auth_type = 'Eds' OR eds_signer IS NULL),
    CHECK ((status IN ('PENDING', 'OPENED')) = (finished_at IS NULL)),
    CHECK ((purpose = 'operation') = (bin IS NOT NULL)),
    CHECK ((purpose = 'login') = (challenge_id IS NOT NULL)),
    CHECK ((purpose = 'login') = (watch_sha256 IS NOT NULL))
);
CREATE INDEX egov_qr_package_expires ON signing.egov_qr_package (expires_at);

-- What is offered, byte for byte. Written with its package and never changed.
CREATE TABLE signing.egov_qr_document (
    package_id  uuid NOT NULL REFERENCES signing.egov_qr_package ON DELETE CASCADE,
    number      int NOT NULL CHECK (number BETWEEN 1 AND 20),
    sign_method text NOT NULL CHECK (sign_method IN ('XML', 'CMS_WITH_DATA', 'CMS_SIGN_ONLY')),
    name        jsonb NOT NULL,
    meta        jsonb NOT NULL,
    mime        text NOT NULL,
    content     bytea NOT NULL CHECK (length(content) > 0),
    PRIMARY KEY (package_id, number)
);

-- Which evidence signs which document; the signed bytes are the evidence's.
CREATE TABLE signing.egov_qr_signature (
    package_id  uuid NOT NULL,
    number      int NOT NULL,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    PRIMARY KEY (package_id, number),
    FOREIGN KEY (package_id, number)
        REFERENCES signing.egov_qr_document ON DELETE CASCADE
);

-- Every signature that ever served, so that none serves twice: kept when its package is forgotten.
CREATE TABLE signing.egov_qr_seen (
    signature_sha256 bytea PRIMARY KEY CHECK (length(signature_sha256) = 32),
    package_id       uuid NOT NULL,
    seen_at          timestamptz NOT NULL
);
CREATE TRIGGER egov_qr_seen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signing.egov_qr_seen
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT, DELETE
   ON signing.egov_qr_package, signing.egov_qr_document, signing.egov_qr_signature
   TO saqtau_signing;
GRANT UPDATE (status, finished_at, refusals, last_refusal, eds_signer)
   ON signing.egov_qr_package TO saqtau_signing;
GRANT SELECT, INSERT ON signing.egov_qr_seen TO saqtau_signing;
