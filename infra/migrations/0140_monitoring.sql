-- Monitoring of executors (M 19-22, domain 3.11): plan, commission, notice, protocol, follow-up.

-- The dictionary of defects (rules 321/2020): data, set by the issuer's signature. A definition is
-- never changed: a new one ends the one before it. `kinds`: within whose powers it lies to find it;
-- `grounds`: what may follow from it (S1 suspends, T2 terminates).
CREATE TABLE payments.defect_code (
    code        text NOT NULL CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
    valid_from  date NOT NULL,
    valid_to    date CHECK (valid_to >= valid_from),
    title_kk    text NOT NULL CHECK (title_kk <> ''),
    title_ru    text NOT NULL CHECK (title_ru <> ''),
    title_en    text NOT NULL CHECK (title_en <> ''),
    kinds       text[] NOT NULL CHECK (cardinality(kinds) >= 1 AND kinds <@ ARRAY[
        'ISSUER', 'CHAMBER', 'MEDICAL_CONTROL', 'SANITARY_CONTROL', 'LOCAL_HEALTH']),
    grounds     text[] NOT NULL CHECK (grounds <@ ARRAY['S1', 'T2']),
    evidence_id uuid NOT NULL REFERENCES signing.evidence,
    set_at      timestamptz NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE UNIQUE INDEX defect_code_in_force ON payments.defect_code (code) WHERE valid_to IS NULL;

CREATE TABLE payments.monitoring_number (
    year    integer PRIMARY KEY,
    last_no integer NOT NULL CHECK (last_no >= 1)
);
CREATE TABLE payments.monitoring (
    monitoring_id     uuid PRIMARY KEY,
    number            text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{4}-MON-[0-9]{5}$'),
    kind              text NOT NULL CHECK (kind IN ('CURRENT', 'UNSCHEDULED')),
    status            text NOT NULL CHECK (status IN (
        'PLANNED', 'COMMISSION_FORMED', 'NOTIFIED', 'IN_PROGRESS', 'PROTOCOL_DRAFT',
        'PROTOCOL_SIGNED', 'FOLLOW_UP', 'CLOSED'
    )),
    purpose           text NOT NULL CHECK (purpose <> ''),
    basis             text CHECK (basis <> ''),
    unannounced_basis text CHECK (unannounced_basis <> ''), -- given: nobody is told beforehand (M 20)
    starts_on         date NOT NULL,
    ends_on           date NOT NULL CHECK (ends_on >= starts_on),
    repeats           uuid REFERENCES payments.monitoring,
    sample_id         uuid,
    evidence_id       uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    planned_at        timestamptz NOT NULL,
    commission_id     uuid, -- the one that counts; those before it are kept
    protocol_id       uuid, -- the text that is being signed or was
    started_at        timestamptz,
    signed_at         timestamptz,
    closed_at         timestamptz,
    close_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    closing           text CHECK (closing <> ''),
    CHECK (kind = 'CURRENT' OR basis IS NOT NULL),
    CHECK (repeats <> monitoring_id),
    CHECK ((status = 'PLANNED') = (commission_id IS NULL)),
    CHECK (status NOT IN ('PROTOCOL_DRAFT', 'PROTOCOL_SIGNED', 'FOLLOW_UP', 'CLOSED')
           OR protocol_id IS NOT NULL),
    CHECK ((status IN ('PROTOCOL_SIGNED', 'FOLLOW_UP', 'CLOSED')) = (signed_at IS NOT NULL)),
    CHECK ((status = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (close_evidence_id IS NULL))
);
CREATE INDEX monitoring_status ON payments.monitoring (status, monitoring_id);
CREATE INDEX monitoring_sample ON payments.monitoring (sample_id) WHERE sample_id IS NOT NULL;

CREATE TABLE payments.monitored (
    monitoring_id uuid NOT NULL REFERENCES payments.monitoring,
    executor_id   uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    PRIMARY KEY (monitoring_id, executor_id)
);
CREATE INDEX monitored_executor ON payments.monitored (executor_id, monitoring_id);

-- Every step, with its reason where one is asked.
CREATE TABLE payments.monitoring_move (
    monitoring_id uuid NOT NULL REFERENCES payments.monitoring,
    no            integer NOT NULL CHECK (no >= 1),
    status        text NOT NULL,
    at            timestamptz NOT NULL,
    actor         text NOT NULL,
    note          text,
    PRIMARY KEY (monitoring_id, no)
);

CREATE TABLE payments.commission (
    commission_id uuid PRIMARY KEY,
    monitoring_id uuid NOT NULL REFERENCES payments.monitoring,
    no            integer NOT NULL CHECK (no >= 1),
    evidence_id   uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    formed_at     timestamptz NOT NULL,
    UNIQUE (monitoring_id, no),
    UNIQUE (commission_id, monitoring_id)
);
ALTER TABLE payments.monitoring ADD FOREIGN KEY (commission_id, monitoring_id)
    REFERENCES payments.commission (commission_id, monitoring_id);
-- Officials, known by the organisation and the keyed hash of the number in their certificate.
CREATE TABLE payments.commission_member (
    commission_id uuid NOT NULL REFERENCES payments.commission,
    no            integer NOT NULL CHECK (no >= 1),
    kind          text NOT NULL CHECK (kind IN (
        'ISSUER', 'CHAMBER', 'MEDICAL_CONTROL', 'SANITARY_CONTROL', 'LOCAL_HEALTH')),
    bin           text NOT NULL CHECK (bin ~ '^[0-9]{12}$'),
    organisation  text NOT NULL CHECK (organisation <> ''),
    name          text NOT NULL CHECK (name <> ''),
    post          text NOT NULL CHECK (post <> ''),
    iin_hash      bytea NOT NULL CHECK (length(iin_hash) = 32),
    PRIMARY KEY (commission_id, no),
    CONSTRAINT commission_member_once UNIQUE (commission_id, iin_hash)
);
CREATE INDEX commission_member_seat ON payments.commission_member (bin, iin_hash);

-- M 20: all five kinds, or no commission.
CREATE FUNCTION payments.require_five_kinds() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF (SELECT count(DISTINCT kind) FROM payments.commission_member
         WHERE commission_id = NEW.commission_id) < 5 THEN
        RAISE EXCEPTION 'a commission has members of all five kinds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commission_complete';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER commission_complete AFTER INSERT ON payments.commission
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.require_five_kinds();

-- What the portal told whom, and when he first read it (M 20, d8).
CREATE TABLE payments.monitoring_notice (
    monitoring_id uuid NOT NULL,
    executor_id   uuid NOT NULL,
    starts_on     date NOT NULL,
    evidence_id   uuid NOT NULL REFERENCES signing.evidence,
    posted_at     timestamptz NOT NULL,
    read_at       timestamptz CHECK (read_at >= posted_at),
    PRIMARY KEY (monitoring_id, executor_id, posted_at),
    FOREIGN KEY (monitoring_id, executor_id) REFERENCES payments.monitored
);

-- Texts of the protocol: each its own bytes, its own signatures. The one before stays as it was.
CREATE TABLE payments.protocol (
    protocol_id    uuid PRIMARY KEY,
    monitoring_id  uuid NOT NULL REFERENCES payments.monitoring,
    version        integer NOT NULL CHECK (version >= 1),
    commission_id  uuid NOT NULL,
    draft          jsonb NOT NULL,
    content        bytea NOT NULL, -- canonical JSON: exactly what every member signs
    content_sha256 bytea NOT NULL CHECK (content_sha256 = sha256(content)),
    drafted_at     timestamptz NOT NULL,
    drafted_by     text NOT NULL,
    UNIQUE (monitoring_id, version),
    UNIQUE (protocol_id, monitoring_id),
    FOREIGN KEY (commission_id, monitoring_id)
        REFERENCES payments.commission (commission_id, monitoring_id)
);
ALTER TABLE payments.monitoring ADD FOREIGN KEY (protocol_id, monitoring_id)
    REFERENCES payments.protocol (protocol_id, monitoring_id);
CREATE TABLE payments.protocol_signature (
    protocol_id   uuid NOT NULL REFERENCES payments.protocol,
    commission_id uuid NOT NULL,
    no            integer NOT NULL,
    evidence_id   uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    signed_at     timestamptz NOT NULL,
    CONSTRAINT protocol_signed_once PRIMARY KEY (protocol_id, no),
    FOREIGN KEY (commission_id, no) REFERENCES payments.commission_member
);

-- A monitoring moves as domain 3.11 draws it, and its protocol is signed when everybody has.
CREATE FUNCTION payments.require_monitoring_move() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.status = NEW.status THEN
        RETURN NEW;
    END IF;
    IF (OLD.status, NEW.status) NOT IN (
        ('PLANNED', 'COMMISSION_FORMED'), ('COMMISSION_FORMED', 'NOTIFIED'),
        ('COMMISSION_FORMED', 'IN_PROGRESS'), ('NOTIFIED', 'COMMISSION_FORMED'),
        ('NOTIFIED', 'IN_PROGRESS'), ('IN_PROGRESS', 'PROTOCOL_DRAFT'),
        ('PROTOCOL_DRAFT', 'PROTOCOL_SIGNED'), ('PROTOCOL_SIGNED', 'FOLLOW_UP'),
        ('PROTOCOL_SIGNED', 'CLOSED'), ('FOLLOW_UP', 'CLOSED')
    ) OR (OLD.status, NEW.status) = ('COMMISSION_FORMED', 'IN_PROGRESS')
         AND NEW.unannounced_basis IS NULL THEN
        RAISE EXCEPTION 'a monitoring does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'monitoring_move';
    END IF;
    IF NEW.status = 'PROTOCOL_SIGNED' AND EXISTS (
        SELECT FROM payments.commission_member m
         WHERE m.commission_id = NEW.commission_id
           AND NOT EXISTS (
               SELECT FROM payments.protocol_signature s
                WHERE s.protocol_id = NEW.protocol_id AND s.commission_id = m.commission_id
                  AND s.no = m.no)
    ) THEN
        RAISE EXCEPTION 'every member signs the protocol'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'protocol_unsigned';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER monitoring_move BEFORE UPDATE OF status ON payments.monitoring
    FOR EACH ROW EXECUTE FUNCTION payments.require_monitoring_move();

-- What a signed protocol confirmed; rows come with the last signature and never before (M 22).
CREATE TABLE payments.finding (
    finding_id    uuid PRIMARY KEY,
    protocol_id   uuid NOT NULL REFERENCES payments.protocol,
    monitoring_id uuid NOT NULL,
    executor_id   uuid NOT NULL,
    no            integer NOT NULL CHECK (no >= 1),
    code          text NOT NULL,
    found_by      text NOT NULL,
    text          text NOT NULL CHECK (text <> ''),
    recorded_on   date NOT NULL,
    ground        text CHECK (ground IN ('S1', 'T2')),
    contract_id   uuid REFERENCES allocation.contract,
    act_id        uuid REFERENCES payments.act,
    confirmed_at  timestamptz NOT NULL,
    UNIQUE (protocol_id, no),
    FOREIGN KEY (monitoring_id, executor_id) REFERENCES payments.monitored
);
CREATE INDEX finding_executor ON payments.finding (executor_id, confirmed_at);
CREATE INDEX finding_monitoring ON payments.finding (monitoring_id, no);

-- Recommendations with their terms; kept or not is the issuer's word, on the executor's report.
CREATE TABLE payments.follow_up_task (
    task_id            uuid PRIMARY KEY,
    protocol_id        uuid NOT NULL REFERENCES payments.protocol,
    monitoring_id      uuid NOT NULL,
    executor_id        uuid NOT NULL,
    no                 integer NOT NULL CHECK (no >= 1),
    finding_id         uuid REFERENCES payments.finding,
    text               text NOT NULL CHECK (text <> ''),
    due_on             date NOT NULL,
    status             text NOT NULL CHECK (status IN ('OPEN', 'REPORTED', 'KEPT', 'NOT_KEPT')),
    report             text CHECK (report <> ''),
    report_sha256      bytea CHECK (length(report_sha256) = 32),
    report_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    reported_at        timestamptz,
    judgement          text CHECK (judgement <> ''),
    judge_evidence_id  uuid UNIQUE REFERENCES signing.evidence,
    judged_at          timestamptz,
    UNIQUE (protocol_id, no),
    FOREIGN KEY (monitoring_id, executor_id) REFERENCES payments.monitored,
    CHECK ((reported_at IS NULL) = (report_evidence_id IS NULL)),
    CHECK ((reported_at IS NULL) = (report IS NULL)),
    CHECK (status <> 'OPEN' OR reported_at IS NULL),
    CHECK (status <> 'REPORTED' OR reported_at IS NOT NULL),
    CHECK ((status IN ('KEPT', 'NOT_KEPT')) = (judged_at IS NOT NULL)),
    CHECK ((judged_at IS NULL) = (judgement IS NULL))
);
CREATE INDEX follow_up_executor ON payments.follow_up_task (executor_id, task_id);
CREATE INDEX follow_up_monitoring ON payments.follow_up_task (monitoring_id, executor_id, no);

-- What a later protocol said of earlier recommendations (M 21(3)).
CREATE TABLE payments.follow_up_assessment (
    protocol_id uuid NOT NULL REFERENCES payments.protocol,
    task_id     uuid NOT NULL REFERENCES payments.follow_up_task,
    outcome     text NOT NULL CHECK (outcome IN ('KEPT', 'PARTLY', 'NOT_KEPT')),
    text        text NOT NULL CHECK (text <> ''),
    PRIMARY KEY (task_id, protocol_id)
);

CREATE TABLE payments.monitoring_comment (
    comment_id    uuid PRIMARY KEY,
    monitoring_id uuid NOT NULL,
    executor_id   uuid NOT NULL,
    text          text NOT NULL CHECK (text <> ''),
    evidence_id   uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    at            timestamptz NOT NULL,
    FOREIGN KEY (monitoring_id, executor_id) REFERENCES payments.monitored
);
CREATE INDEX monitoring_comment_order ON payments.monitoring_comment (monitoring_id, comment_id);

-- A penalty may follow a finding; it is its own thing (rules 321/2020 as amended 27 Feb 2026).
CREATE TABLE payments.penalty (
    penalty_id         uuid PRIMARY KEY,
    finding_id         uuid NOT NULL REFERENCES payments.finding,
    monitoring_id      uuid NOT NULL,
    executor_id        uuid NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('PERFORMANCE', 'NO_PERMIT')),
    contract_id        uuid REFERENCES allocation.contract,
    amount_tiyn        bigint NOT NULL CHECK (amount_tiyn >= 1),
    basis              text NOT NULL CHECK (basis <> ''),
    evidence_id        uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    imposed_at         timestamptz NOT NULL,
    lifted_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    lifted_at          timestamptz,
    lifted_because     text CHECK (lifted_because <> ''),
    CHECK ((lifted_at IS NULL) = (lifted_evidence_id IS NULL)),
    CHECK ((lifted_at IS NULL) = (lifted_because IS NULL)),
    FOREIGN KEY (monitoring_id, executor_id) REFERENCES payments.monitored
);
CREATE UNIQUE INDEX penalty_once ON payments.penalty (finding_id, kind) WHERE lifted_at IS NULL;
CREATE INDEX penalty_executor ON payments.penalty (executor_id, penalty_id);

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['monitored', 'monitoring_move', 'commission', 'commission_member',
        'protocol', 'protocol_signature', 'finding', 'follow_up_assessment', 'monitoring_comment']
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()', kept || '_append_only', kept);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON payments.defect_code, payments.monitoring_number, payments.monitoring,
    payments.monitored, payments.monitoring_move, payments.commission, payments.commission_member,
    payments.monitoring_notice, payments.protocol, payments.protocol_signature, payments.finding,
    payments.follow_up_task, payments.follow_up_assessment, payments.monitoring_comment,
    payments.penalty TO saqtau_payments;
GRANT UPDATE (valid_to) ON payments.defect_code TO saqtau_payments;
GRANT UPDATE (last_no) ON payments.monitoring_number TO saqtau_payments;
GRANT UPDATE (status, starts_on, ends_on, commission_id, protocol_id, started_at, signed_at, closed_at,
              close_evidence_id, closing) ON payments.monitoring TO saqtau_payments;
GRANT UPDATE (read_at) ON payments.monitoring_notice TO saqtau_payments;
GRANT UPDATE (status, report, report_sha256, report_evidence_id, reported_at, judgement,
              judge_evidence_id, judged_at) ON payments.follow_up_task TO saqtau_payments;
GRANT UPDATE (lifted_evidence_id, lifted_at, lifted_because) ON payments.penalty TO saqtau_payments;
