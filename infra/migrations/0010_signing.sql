-- signing: who signed exactly these bytes, in what role, when; and who is logged in.

-- A challenge to be signed: single use, short, bound to the origin that asked (ECP.md 3.5).
CREATE TABLE signing.challenge (
    challenge_id uuid PRIMARY KEY,
    nonce        bytea NOT NULL CHECK (length(nonce) = 32),
    origin       text NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE INDEX challenge_expires ON signing.challenge (expires_at);

-- A session. The token itself is never stored, only its SHA-256.
CREATE TABLE signing.session (
    session_id   uuid PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    roles        text[] NOT NULL CHECK (cardinality(roles) > 0),
    bin          text CHECK (bin ~ '^[0-9]{12}$'),
    person_id    uuid,
    signer       bytea CHECK (length(signer) = 32),
    opened_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    closed_at    timestamptz,
    CHECK ((bin IS NULL) <> (person_id IS NULL)),
    CHECK (expires_at > opened_at)
);
CREATE INDEX session_person ON signing.session (person_id) WHERE person_id IS NOT NULL;

-- The signed bytes, verbatim, and the proof. Append-only; one signed document serves one operation.
CREATE TABLE signing.evidence (
    evidence_id        uuid PRIMARY KEY,
    operation          text NOT NULL CHECK (operation <> ''),
    document           bytea NOT NULL,
    document_sha256    bytea NOT NULL CHECK (document_sha256 = sha256(document)),
    signature          bytea NOT NULL,
    signer             bytea CHECK (length(signer) = 32),
    signer_bin         text,
    signer_roles       text[] NOT NULL,
    certificate_serial text NOT NULL,
    algorithm          text NOT NULL,
    result             jsonb NOT NULL,
    verified_at        timestamptz NOT NULL,
    -- a sole proprietor has no BIN: the person stands for it
    sole_signer        bytea GENERATED ALWAYS AS (CASE WHEN signer_bin IS NULL THEN signer END) STORED,
    CONSTRAINT evidence_used_once
        UNIQUE NULLS NOT DISTINCT (operation, document_sha256, signer_bin, sole_signer)
);
CREATE INDEX evidence_bin ON signing.evidence (signer_bin, verified_at);
CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signing.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- Revocation lists as fetched; every verification reads the newest.
CREATE TABLE signing.crl (
    url        text PRIMARY KEY,
    der        bytea NOT NULL,
    fetched_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON signing.crl TO saqtau_signing;
GRANT SELECT, INSERT ON signing.challenge, signing.session TO saqtau_signing;
GRANT UPDATE (used_at) ON signing.challenge TO saqtau_signing;
GRANT UPDATE (closed_at) ON signing.session TO saqtau_signing;
GRANT DELETE ON signing.challenge TO saqtau_signing;
GRANT SELECT, INSERT ON signing.session TO saqtau_egov;
-- Every wing that takes signed commands stores the proof in its own transaction.
GRANT SELECT, INSERT ON signing.evidence
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
