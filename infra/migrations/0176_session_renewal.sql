-- signing: a citizen's token lives minutes, and is renewed by a word that serves once (docs/adr/0021). The tokens
-- that follow one sign-in are a family: it ends as a whole, at the latest at `family_until`.
ALTER TABLE signing.session
    ADD COLUMN family_id    uuid,
    ADD COLUMN family_until timestamptz,
    ADD CHECK ((family_id IS NULL) = (family_until IS NULL)),
    ADD CHECK (family_until >= expires_at);
CREATE INDEX session_family ON signing.session (family_id) WHERE family_id IS NOT NULL;

CREATE TABLE signing.renewal (
    renewal_sha256 bytea PRIMARY KEY CHECK (length(renewal_sha256) = 32),
    session_id     uuid NOT NULL UNIQUE REFERENCES signing.session,  -- the one it was given with
    used_at        timestamptz
);

GRANT INSERT (family_id, family_until) ON signing.session TO saqtau_egov;
GRANT INSERT ON signing.renewal TO saqtau_egov;
GRANT SELECT, INSERT, UPDATE (used_at) ON signing.renewal TO saqtau_signing;
