-- egov: citizens' one-time passwords and their complaints. What they read belongs to other wings.

-- The last one-time password of an IIN and number, both hidden behind one keyed hash. Every
-- request has a row, also one whose person or number is unknown: it has no code and cannot tell.
CREATE TABLE egov.otp (
    subject      bytea PRIMARY KEY CHECK (length(subject) = 32),
    otp_id       uuid NOT NULL UNIQUE,
    requested_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    language     text NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    sealed       bytea,                                     -- IIN, number (and code) until sent
    person_id    uuid,
    code_hash    bytea CHECK (length(code_hash) = 32),
    tries        smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    used_at      timestamptz,
    frozen_until timestamptz,
    CHECK (expires_at > requested_at),
    CHECK ((person_id IS NULL) = (code_hash IS NULL)),
    CHECK (used_at IS NULL OR code_hash IS NOT NULL),
    CHECK (used_at < expires_at)
);
CREATE INDEX otp_expires ON egov.otp (expires_at);

-- A complaint (M §53): text and answer sealed, bound to the complaint.
CREATE TABLE egov.complaint (
    person_id       uuid NOT NULL REFERENCES registry.person,
    complaint_id    uuid NOT NULL,
    tracking_number text NOT NULL CHECK (tracking_number ~ '^[0-9A-HJKMNP-TV-Z]{13}$'),
    kind            text NOT NULL CHECK (kind IN ('ISSUER', 'SERVICE', 'BILLED')),
    ground          text CHECK (ground IN ('FREE_CHOICE', 'NO_CONSENT')),
    executor_id     uuid REFERENCES registry.organisation,
    act_id          uuid,
    case_id         uuid,
    text_sealed     bytea NOT NULL,
    status          text NOT NULL DEFAULT 'REGISTERED'
        CHECK (status IN ('REGISTERED', 'IN_REVIEW', 'SATISFIED', 'PARTLY', 'DENIED', 'FORWARDED')),
    registered_at   timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    answer_sealed   bytea,
    answered_at     timestamptz,
    evidence_id     uuid REFERENCES signing.evidence,
    PRIMARY KEY (person_id, complaint_id),
    FOREIGN KEY (person_id, case_id) REFERENCES payments.act_case (person_id, case_id),
    CHECK (due_at > registered_at),
    CHECK ((kind = 'BILLED') = (act_id IS NOT NULL)),
    CHECK ((act_id IS NULL) = (case_id IS NULL)),
    CHECK ((kind = 'SERVICE') = (ground IS NOT NULL)),
    CHECK (kind = 'ISSUER' OR executor_id IS NOT NULL),
    CHECK ((status IN ('SATISFIED', 'PARTLY', 'DENIED')) = (answered_at IS NOT NULL)),
    CHECK ((answered_at IS NULL) = (answer_sealed IS NULL)),
    CHECK ((answered_at IS NULL) = (evidence_id IS NULL))
) PARTITION BY HASH (person_id);
CREATE INDEX complaint_desk ON egov.complaint (status, complaint_id);
CREATE INDEX complaint_executor ON egov.complaint (executor_id, answered_at)
    WHERE executor_id IS NOT NULL;
-- A billed service is disputed once.
CREATE UNIQUE INDEX complaint_case_once ON egov.complaint (person_id, case_id)
    WHERE case_id IS NOT NULL;

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE egov.%I PARTITION OF egov.complaint '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'complaint_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- Numbers that find a complaint, unique over all persons.
CREATE TABLE egov.complaint_claim (
    complaint_id    uuid PRIMARY KEY,
    tracking_number text NOT NULL UNIQUE,
    person_id       uuid NOT NULL,
    FOREIGN KEY (person_id, complaint_id) REFERENCES egov.complaint
        DEFERRABLE INITIALLY DEFERRED
);

GRANT SELECT, INSERT, UPDATE, DELETE ON egov.otp TO saqtau_egov;
GRANT SELECT, INSERT ON egov.complaint, egov.complaint_claim TO saqtau_egov;
GRANT UPDATE (status, answer_sealed, answered_at, evidence_id) ON egov.complaint TO saqtau_egov;
