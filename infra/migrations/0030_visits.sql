-- visits: signed QR codes of facilities, biometric sessions, and who came where on which legal day.
-- What is about a person is partitioned by person_id and carries it in its primary key.

-- Ed25519 key pairs; the private half is sealed under the key's number.
CREATE TABLE visits.qr_key (
    key_number     integer PRIMARY KEY CHECK (key_number BETWEEN 1 AND 65535),
    public_key     bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    private_sealed bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    retired_at     timestamptz,
    CHECK (retired_at >= created_at)
);
CREATE UNIQUE INDEX qr_key_one_signs ON visits.qr_key ((true)) WHERE retired_at IS NULL;

CREATE TABLE visits.facility_code (
    code_id     uuid PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES registry.facility,
    key_number  integer NOT NULL REFERENCES visits.qr_key,
    code        text NOT NULL UNIQUE CHECK (code ~ '^SQ1\.'),
    issued_at   timestamptz NOT NULL,
    revoked_at  timestamptz,
    CHECK (revoked_at >= issued_at)
);
-- One live code per facility.
CREATE UNIQUE INDEX facility_code_live ON visits.facility_code (facility_id)
    WHERE revoked_at IS NULL;

-- An outcome, how sure it is, and a hash of the provider's evidence. Never a template or a photo.
CREATE TABLE visits.biometric_session (
    person_id       uuid NOT NULL REFERENCES registry.person,
    session_id      uuid NOT NULL,
    provider        text NOT NULL CHECK (provider <> ''),
    started_at      timestamptz NOT NULL,
    outcome         text NOT NULL DEFAULT 'PENDING'
        CHECK (outcome IN ('PENDING', 'MATCH', 'NO_MATCH')),
    liveness        boolean,
    score_milli     integer CHECK (score_milli BETWEEN 0 AND 1000),
    evidence_sha256 bytea CHECK (length(evidence_sha256) = 32),
    finished_at     timestamptz,
    PRIMARY KEY (person_id, session_id),
    CHECK ((outcome = 'PENDING') = (finished_at IS NULL)),
    CHECK ((outcome = 'PENDING') = (liveness IS NULL)),
    CHECK ((outcome = 'PENDING') = (score_milli IS NULL)),
    CHECK ((outcome = 'PENDING') = (evidence_sha256 IS NULL))
) PARTITION BY HASH (person_id);
-- The provider calls back with the session alone.
CREATE INDEX biometric_session_found ON visits.biometric_session (session_id);

-- A visit (M §6(5), §15(3)). The grade follows from the evidence; a row is never changed (D29).
CREATE TABLE visits.visit (
    person_id            uuid NOT NULL REFERENCES registry.person,
    visit_id             uuid NOT NULL,
    facility_id          uuid NOT NULL REFERENCES registry.facility,
    executor_id          uuid NOT NULL,
    at                   timestamptz NOT NULL,
    visit_date           date NOT NULL,
    grade                text NOT NULL
        CHECK (grade IN ('QR_BIOMETRIC', 'QR_DOCUMENT', 'QR_ONLY', 'NONE')),
    code_id              uuid REFERENCES visits.facility_code,  -- the code the citizen scanned
    personal_nonce       bytea CHECK (length(personal_nonce) = 12),  -- or the citizen's own code
    biometric_session_id uuid,
    document_sha256      bytea CHECK (length(document_sha256) = 32),
    PRIMARY KEY (person_id, visit_id),
    -- one visit per person, facility and legal day
    CONSTRAINT visit_once_a_day UNIQUE (person_id, facility_id, visit_date),
    FOREIGN KEY (person_id, biometric_session_id) REFERENCES visits.biometric_session,
    CHECK (visit_date = (at AT TIME ZONE INTERVAL '+05:00')::date),
    CHECK (num_nonnulls(code_id, personal_nonce) = CASE WHEN grade = 'NONE' THEN 0 ELSE 1 END),
    CHECK ((grade = 'QR_BIOMETRIC') = (biometric_session_id IS NOT NULL)),
    CHECK (grade <> 'QR_DOCUMENT' OR document_sha256 IS NOT NULL)
) PARTITION BY HASH (person_id);
-- A citizen's own code and a biometric session serve once.
CREATE UNIQUE INDEX visit_nonce_once ON visits.visit (person_id, personal_nonce)
    WHERE personal_nonce IS NOT NULL;
CREATE UNIQUE INDEX visit_biometrics_once ON visits.visit (person_id, biometric_session_id)
    WHERE biometric_session_id IS NOT NULL;
CREATE INDEX visit_day ON visits.visit (facility_id, visit_date);

DO $$
DECLARE
    parent text;
    part   integer;
BEGIN
    FOREACH parent IN ARRAY ARRAY['biometric_session', 'visit'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'CREATE TABLE visits.%I PARTITION OF visits.%I '
                'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                parent || '_p' || lpad(part::text, 2, '0'), parent, part
            );
        END LOOP;
    END LOOP;
END $$;
CREATE TRIGGER visit_append_only BEFORE UPDATE OR DELETE ON visits.visit
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON visits.qr_key, visits.facility_code, visits.biometric_session, visits.visit
    TO saqtau_visits;
GRANT UPDATE (retired_at) ON visits.qr_key TO saqtau_visits;
GRANT UPDATE (revoked_at) ON visits.facility_code TO saqtau_visits;
GRANT UPDATE (outcome, liveness, score_milli, evidence_sha256, finished_at)
    ON visits.biometric_session TO saqtau_visits;
GRANT SELECT (person_id, visit_id, facility_id, executor_id, at, visit_date, grade)
    ON visits.visit TO saqtau_payments, saqtau_egov;
