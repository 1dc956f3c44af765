-- egov: the state service "information on participation and on contributions" (M 46-53, App.2, App.3).

-- The owner's consent that the identity document be taken from the digital-documents service (App.2 row 8).
CREATE TABLE egov.service_consent (
    consent_id uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES registry.person,
    asked_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK (expires_at > asked_at)
);
CREATE INDEX service_consent_expires ON egov.service_consent (expires_at);

CREATE TABLE egov.service_request (
    person_id     uuid NOT NULL REFERENCES registry.person,
    request_id    uuid NOT NULL,
    certified_by  text NOT NULL CHECK (certified_by IN ('ECP', 'OTP')),
    evidence_id   uuid REFERENCES signing.evidence,
    consent_id    uuid,                          -- none: the person refused it (F5)
    language      text NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    status        text NOT NULL CHECK (status IN
        ('RECEIVED', 'QUEUED_NEXT_WD', 'IDENTIFIED', 'PROCESSED', 'DELIVERED', 'REFUSED')),
    ground        text CHECK (ground IN ('F1', 'F2', 'F3', 'F4', 'F5')),
    arrived_at    timestamptz NOT NULL,
    accepted_at   timestamptz NOT NULL,          -- when the issuer's hours let it begin (domain 4.4)
    due_at        timestamptz NOT NULL,
    try_at        timestamptz,                   -- when it is to be looked at; none once finished
    finished_at   timestamptz,
    result_sealed bytea,
    result_sha256 bytea CHECK (length(result_sha256) = 32),
    result_cms    bytea,                         -- the issuer's CMS over the result
    PRIMARY KEY (person_id, request_id),
    CHECK ((certified_by = 'ECP') = (evidence_id IS NOT NULL)),
    CHECK (arrived_at <= accepted_at AND accepted_at < due_at),
    CHECK ((result_sealed IS NULL) = (result_sha256 IS NULL)),
    CHECK ((result_sealed IS NULL) = (result_cms IS NULL)),
    CHECK ((status IN ('PROCESSED', 'DELIVERED', 'REFUSED')) = (result_sealed IS NOT NULL)),
    CHECK ((status IN ('DELIVERED', 'REFUSED')) = (finished_at IS NOT NULL)),
    CHECK ((finished_at IS NULL) = (try_at IS NOT NULL)),
    CHECK (status <> 'REFUSED' OR ground IS NOT NULL),
    CHECK (status <> 'DELIVERED' OR ground IS NULL)
) PARTITION BY HASH (person_id);
-- One at a time: a second click finds the first request.
CREATE UNIQUE INDEX service_request_running ON egov.service_request (person_id)
    WHERE try_at IS NOT NULL;
CREATE UNIQUE INDEX service_request_consent ON egov.service_request (person_id, consent_id)
    WHERE consent_id IS NOT NULL;
CREATE INDEX service_request_due ON egov.service_request (try_at) WHERE try_at IS NOT NULL;
CREATE INDEX service_request_accepted ON egov.service_request (accepted_at);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE egov.%I PARTITION OF egov.service_request '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'service_request_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- Every stage, for the monitoring of state services (M 52): told once, in order, and never changed.
CREATE TABLE egov.service_stage (
    stage_id   uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    stage      text NOT NULL CHECK (stage IN
        ('RECEIVED', 'QUEUED_NEXT_WD', 'IDENTIFIED', 'PROCESSED', 'DELIVERED', 'REFUSED')),
    ground     text CHECK (ground IN ('F1', 'F2', 'F3', 'F4', 'F5')),
    at         timestamptz NOT NULL,
    told_at    timestamptz,
    UNIQUE (request_id, stage)
);
CREATE INDEX service_stage_untold ON egov.service_stage (stage_id) WHERE told_at IS NULL;
CREATE FUNCTION egov.keep_service_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.told_at IS NULL
       AND (OLD.stage_id, OLD.request_id, OLD.stage, OLD.at)
           = (NEW.stage_id, NEW.request_id, NEW.stage, NEW.at)
       AND OLD.ground IS NOT DISTINCT FROM NEW.ground THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a stage of a state service is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER service_stage_once_told BEFORE UPDATE ON egov.service_stage
    FOR EACH ROW EXECUTE FUNCTION egov.keep_service_stage();
CREATE TRIGGER service_stage_kept BEFORE DELETE OR TRUNCATE ON egov.service_stage
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- Court acts in force that forbid the service (F3) or take the right to it away (F4).
CREATE TABLE egov.court_act (
    person_id   uuid NOT NULL REFERENCES registry.person,
    act_id      uuid NOT NULL,
    ground      text NOT NULL CHECK (ground IN ('F3', 'F4')),
    in_force_from date NOT NULL,
    in_force_to   date,                          -- inclusive; none: until lifted
    sealed      bytea NOT NULL,                  -- the court, its number and day
    evidence_id uuid NOT NULL REFERENCES signing.evidence,
    entered_at  timestamptz NOT NULL,
    lifted_at   timestamptz,
    lifted_by   uuid REFERENCES signing.evidence,
    PRIMARY KEY (person_id, act_id),
    CHECK (in_force_to >= in_force_from),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);

GRANT SELECT, INSERT, DELETE ON egov.service_consent TO saqtau_egov;
GRANT SELECT, INSERT ON egov.service_request, egov.service_stage, egov.court_act TO saqtau_egov;
GRANT UPDATE (status, ground, try_at, finished_at, result_sealed, result_sha256, result_cms)
    ON egov.service_request TO saqtau_egov;
GRANT UPDATE (told_at) ON egov.service_stage TO saqtau_egov;
GRANT UPDATE (sealed, lifted_at, lifted_by) ON egov.court_act TO saqtau_egov;
