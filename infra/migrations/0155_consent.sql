-- registry: consent of the insured (M §2(5), §44; D43). What was said is only ever added to; what stands
-- now is one row per purpose. Withdrawal closes a channel, never the account, the policy or the right to care.

CREATE TABLE registry.consent (
    person_id   uuid NOT NULL REFERENCES registry.person,
    consent_id  uuid NOT NULL,
    purpose     text NOT NULL
        CHECK (purpose IN ('EGOV', 'BOT', 'QR_VISITS', 'BIOMETRICS', 'STATE_SERVICE')),
    given       boolean NOT NULL,                 -- false: withdrawn
    at          timestamptz NOT NULL,
    expires_at  timestamptz,
    proof       text NOT NULL CHECK (proof IN ('OTP', 'ECP', 'SMS', 'SESSION')),
    proof_id    text CHECK (proof_id <> ''),      -- the session, the message or the evidence
    PRIMARY KEY (person_id, consent_id),
    CHECK (given = (expires_at IS NOT NULL)),
    CHECK (expires_at > at)
) PARTITION BY HASH (person_id);
CREATE TABLE registry.consent_state (
    person_id  uuid NOT NULL,
    purpose    text NOT NULL
        CHECK (purpose IN ('EGOV', 'BOT', 'QR_VISITS', 'BIOMETRICS', 'STATE_SERVICE')),
    consent_id uuid NOT NULL,
    given      boolean NOT NULL,
    at         timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (person_id, purpose),
    FOREIGN KEY (person_id, consent_id) REFERENCES registry.consent,
    CHECK (given = (expires_at IS NOT NULL))
) PARTITION BY HASH (person_id);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.consent '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'consent_p' || lpad(part::text, 2, '0'), part
        );
        EXECUTE format(
            'CREATE TRIGGER consent_kept BEFORE TRUNCATE ON registry.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()',
            'consent_p' || lpad(part::text, 2, '0')
        );
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.consent_state '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'consent_state_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON registry.consent
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER consent_kept BEFORE TRUNCATE ON registry.consent
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON registry.consent TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.consent_state TO saqtau_registry;
-- Which channels are closed: visits ask before a code is made or a scan is taken; egov before a sign-in.
GRANT SELECT ON registry.consent_state TO saqtau_visits, saqtau_egov;
GRANT SELECT ON registry.consent TO saqtau_egov;
-- Signing in is where consent to a channel is given: said in the transaction of the code or the signature.
GRANT INSERT ON registry.consent TO saqtau_egov;
GRANT INSERT, UPDATE ON registry.consent_state TO saqtau_egov;

-- signing: through which channel a citizen's session came, and what it may be used for (NULL: a session of
-- the release before, or of an organisation: whatever its role may). A withdrawn channel loses its sessions.
ALTER TABLE signing.session
    ADD COLUMN channel text CHECK (channel IN ('EGOV', 'BOT')),
    ADD COLUMN scopes  text[],
    ADD COLUMN representation_id uuid;            -- a representative's session about the one represented
GRANT INSERT (channel, scopes, representation_id) ON signing.session TO saqtau_egov;
