-- allocation: plan and announcement, applications in their order, ratings, the decision, contracts.

-- --- plan (domain 3.2) ------------------------------------------------------------------------

CREATE TABLE allocation.plan (
    plan_id                 uuid PRIMARY KEY,
    year                    integer NOT NULL CHECK (year BETWEEN 2020 AND 2100),
    version                 integer NOT NULL CHECK (version >= 1),
    status                  text NOT NULL DEFAULT 'DRAFT'
                            CHECK (status IN ('DRAFT', 'APPROVED', 'PUBLISHED', 'AMENDED', 'CLOSED')),
    imported_at             timestamptz NOT NULL,
    imported_by             text NOT NULL,
    evidence_id             uuid REFERENCES signing.evidence, -- none: came from an unsigned table
    approved_at             timestamptz,
    approval_evidence_id    uuid REFERENCES signing.evidence,
    published_at            timestamptz,
    publication_evidence_id uuid REFERENCES signing.evidence,
    UNIQUE (year, version),
    CHECK ((status = 'DRAFT') = (approved_at IS NULL)),
    CHECK ((approved_at IS NULL) = (approval_evidence_id IS NULL)),
    CHECK ((status IN ('DRAFT', 'APPROVED')) = (published_at IS NULL)),
    CHECK ((published_at IS NULL) = (publication_evidence_id IS NULL)),
    CHECK (published_at >= approved_at)
);
-- One plan of a year is in force; an amendment replaces it by its next version (domain 6.4).
CREATE UNIQUE INDEX plan_in_force ON allocation.plan (year) WHERE status = 'PUBLISHED';

CREATE TABLE allocation.financing_limit (
    plan_id    uuid NOT NULL REFERENCES allocation.plan,
    source     text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    limit_tiyn bigint NOT NULL CHECK (limit_tiyn BETWEEN 0 AND 1000000000000000000),
    PRIMARY KEY (plan_id, source)
);

-- Line = year x funding source x region x form of care x service type; lines never lend to each other.
CREATE TABLE allocation.plan_line (
    line_id        uuid PRIMARY KEY,
    plan_id        uuid NOT NULL,
    code           text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    source         text NOT NULL,
    region         text NOT NULL CHECK (region ~ '^[A-Z0-9]{2,9}$'),
    service_type   text NOT NULL CHECK (service_type ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    care_form      text NOT NULL CHECK (care_form ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    title_kk       text NOT NULL CHECK (length(title_kk) BETWEEN 1 AND 500),
    title_ru       text NOT NULL CHECK (length(title_ru) BETWEEN 1 AND 500),
    unit           text NOT NULL CHECK (unit IN ('service', 'tiyn')),
    planned_units  bigint NOT NULL CHECK (planned_units BETWEEN 0 AND 1000000000000000000),
    tariff_tiyn    bigint CHECK (tariff_tiyn BETWEEN 1 AND 1000000000000000000),
    amount_tiyn    bigint NOT NULL CHECK (amount_tiyn BETWEEN 0 AND 1000000000000000000),
    base_kind      text NOT NULL CHECK (base_kind IN ('capacity', 'application', 'fact')),
    payment_method text NOT NULL CHECK (payment_method ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    lot            boolean NOT NULL,
    phc_full       boolean NOT NULL,
    v_max_percent  integer NOT NULL CHECK (v_max_percent BETWEEN 25 AND 100),
    UNIQUE (plan_id, code),
    UNIQUE (plan_id, source, region, care_form, service_type),
    UNIQUE (plan_id, line_id),
    FOREIGN KEY (plan_id, source) REFERENCES allocation.financing_limit (plan_id, source),
    CHECK ((unit = 'service') = (tariff_tiyn IS NOT NULL)),
    CHECK (amount_tiyn = planned_units::numeric * coalesce(tariff_tiyn, 1)),
    CHECK (NOT phc_full OR base_kind = 'application') -- D25
);

-- --- announcement -----------------------------------------------------------------------------

CREATE TABLE allocation.announcement (
    announcement_id   uuid PRIMARY KEY,
    plan_id           uuid NOT NULL REFERENCES allocation.plan,
    posted_at         timestamptz NOT NULL,
    accepting_until   timestamptz NOT NULL, -- the last instant that is still in time (D4)
    status            text NOT NULL CHECK (
        status IN ('PUBLISHED', 'ACCEPTING', 'CLOSED', 'ALLOCATED', 'FAILED', 'CANCELLED')
    ),
    closed_at         timestamptz,
    last_seq_no       integer NOT NULL DEFAULT 0 CHECK (last_seq_no >= 0),
    last_submitted_at timestamptz,
    CHECK (accepting_until > posted_at),
    CHECK (closed_at > accepting_until),
    CHECK ((status IN ('PUBLISHED', 'ACCEPTING')) = (closed_at IS NULL) OR status = 'CANCELLED'),
    CHECK (last_submitted_at <= accepting_until),
    UNIQUE (announcement_id, plan_id)
);
CREATE INDEX announcement_open ON allocation.announcement (accepting_until)
    WHERE status = 'ACCEPTING';
CREATE INDEX announcement_plan ON allocation.announcement (plan_id);

-- What is offered: the whole line at first, a residue in a later announcement (D21).
CREATE TABLE allocation.announcement_line (
    announcement_id uuid NOT NULL,
    line_id         uuid NOT NULL,
    plan_id         uuid NOT NULL,
    units           bigint NOT NULL CHECK (units BETWEEN 0 AND 1000000000000000000),
    amount_tiyn     bigint NOT NULL CHECK (amount_tiyn BETWEEN 0 AND 1000000000000000000),
    PRIMARY KEY (announcement_id, line_id),
    FOREIGN KEY (announcement_id, plan_id) REFERENCES allocation.announcement (announcement_id, plan_id),
    FOREIGN KEY (plan_id, line_id) REFERENCES allocation.plan_line (plan_id, line_id)
);

-- --- application (domain 3.3) -----------------------------------------------------------------

CREATE TABLE allocation.application (
    application_id         uuid PRIMARY KEY,
    announcement_id        uuid NOT NULL REFERENCES allocation.announcement,
    executor_id            uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    seq_no                 integer NOT NULL CHECK (seq_no >= 1),
    submitted_at           timestamptz NOT NULL,
    status                 text NOT NULL DEFAULT 'SUBMITTED' CHECK (
        status IN ('SUBMITTED', 'UNDER_REVIEW', 'ACCEPTED', 'REJECTED', 'WITHDRAWN')
    ),
    live                   boolean NOT NULL GENERATED ALWAYS AS
                           (status IN ('SUBMITTED', 'UNDER_REVIEW', 'ACCEPTED')) STORED,
    evidence_id            uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    contents               jsonb NOT NULL, -- the documents of M 8 as declared; the signed bytes are evidence
    warnings               text[] NOT NULL, -- told at submission: what may be rejected with G1 (D33)
    ground                 text CHECK (ground IN ('G1', 'G2')), -- M 10, a closed list
    ground_text            text CHECK (length(ground_text) BETWEEN 1 AND 4000),
    reviewed_at            timestamptz,
    review_evidence_id     uuid REFERENCES signing.evidence,
    withdrawn_at           timestamptz,
    withdrawal_evidence_id uuid REFERENCES signing.evidence,
    UNIQUE (announcement_id, seq_no),
    UNIQUE (application_id, announcement_id, executor_id, live),
    CHECK ((reviewed_at IS NULL) = (review_evidence_id IS NULL)),
    CHECK ((ground IS NULL) = (ground_text IS NULL)),
    CHECK (status NOT IN ('ACCEPTED', 'REJECTED') OR reviewed_at IS NOT NULL),
    CHECK (status NOT IN ('SUBMITTED', 'UNDER_REVIEW') OR reviewed_at IS NULL),
    CHECK (status = 'WITHDRAWN' OR (status = 'REJECTED') = (ground IS NOT NULL)),
    CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawal_evidence_id IS NULL))
);
CREATE INDEX application_executor ON allocation.application (executor_id, application_id);
CREATE INDEX application_waiting ON allocation.application (announcement_id, seq_no)
    WHERE status IN ('SUBMITTED', 'UNDER_REVIEW');

CREATE TABLE allocation.application_line (
    application_id  uuid NOT NULL,
    line_id         uuid NOT NULL,
    announcement_id uuid NOT NULL,
    executor_id     uuid NOT NULL,
    live            boolean NOT NULL,
    requested       bigint NOT NULL CHECK (requested BETWEEN 1 AND 1000000000000000000),
    PRIMARY KEY (application_id, line_id),
    FOREIGN KEY (application_id, announcement_id, executor_id, live)
        REFERENCES allocation.application (application_id, announcement_id, executor_id, live)
        ON UPDATE CASCADE, -- a review or a withdrawal ends the life of the lines with it
    FOREIGN KEY (announcement_id, line_id)
        REFERENCES allocation.announcement_line (announcement_id, line_id)
);
-- One live application per executor and announced line.
CREATE UNIQUE INDEX application_line_live
    ON allocation.application_line (announcement_id, line_id, executor_id) WHERE live;

-- A sole proprietor is a person: number and name are sealed (keyring, purpose co_executor).
CREATE TABLE allocation.application_co_executor (
    application_id uuid NOT NULL REFERENCES allocation.application,
    co_executor_no integer NOT NULL CHECK (co_executor_no >= 1),
    form           text NOT NULL CHECK (form IN ('LEGAL', 'SOLE')),
    bin            text CHECK (bin ~ '^[0-9]{12}$'),
    name           text CHECK (length(name) BETWEEN 1 AND 500),
    sealed         bytea,
    PRIMARY KEY (application_id, co_executor_no),
    UNIQUE (application_id, bin),
    CHECK ((form = 'LEGAL') = (bin IS NOT NULL)),
    CHECK ((form = 'LEGAL') = (name IS NOT NULL)),
    CHECK ((form = 'SOLE') = (sealed IS NOT NULL))
);
CREATE TABLE allocation.application_part (
    application_id uuid NOT NULL,
    line_id        uuid NOT NULL,
    co_executor_no integer NOT NULL,
    requested      bigint NOT NULL CHECK (requested BETWEEN 1 AND 1000000000000000000),
    PRIMARY KEY (application_id, line_id, co_executor_no),
    FOREIGN KEY (application_id, line_id) REFERENCES allocation.application_line (application_id, line_id),
    FOREIGN KEY (application_id, co_executor_no)
        REFERENCES allocation.application_co_executor (application_id, co_executor_no)
);

-- --- rating and capacity (domain 5.2): append-only imports, each with where it came from --------

CREATE TABLE allocation.indicator_import (
    import_id     uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('RATING', 'CAPACITY')),
    source_system text NOT NULL CHECK (length(source_system) BETWEEN 1 AND 200),
    period        text NOT NULL CHECK (length(period) BETWEEN 1 AND 50),
    reference     text NOT NULL CHECK (length(reference) BETWEEN 1 AND 500),
    rows_sha256   bytea NOT NULL CHECK (length(rows_sha256) = 32),
    rows          integer NOT NULL CHECK (rows >= 0),
    imported_at   timestamptz NOT NULL,
    imported_by   text NOT NULL
);
CREATE TABLE allocation.rating (
    executor_id        uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type       text NOT NULL,
    import_id          uuid NOT NULL REFERENCES allocation.indicator_import,
    score_milli        integer NOT NULL CHECK (score_milli BETWEEN 0 AND 5000),
    accreditation_rank integer NOT NULL CHECK (accreditation_rank >= 0),
    no_history         boolean NOT NULL,
    PRIMARY KEY (executor_id, service_type, import_id),
    CHECK (NOT no_history OR score_milli = 0) -- D17
);
CREATE TABLE allocation.capacity (
    executor_id  uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type text NOT NULL,
    region       text NOT NULL,
    unit         text NOT NULL CHECK (unit IN ('service', 'tiyn')),
    import_id    uuid NOT NULL REFERENCES allocation.indicator_import,
    capacity     bigint CHECK (capacity BETWEEN 0 AND 1000000000000000000),
    fact         bigint CHECK (fact BETWEEN 0 AND 1000000000000000000),
    PRIMARY KEY (executor_id, service_type, region, unit, import_id),
    CHECK (capacity IS NOT NULL OR fact IS NOT NULL)
);

-- --- decision (domain 3.4, chapter 5) ----------------------------------------------------------

CREATE TABLE allocation.decision (
    decision_id           uuid PRIMARY KEY,
    announcement_id       uuid NOT NULL REFERENCES allocation.announcement,
    status                text NOT NULL CHECK (
        status IN ('CALCULATED', 'SIGNED', 'EXECUTED', 'ANNULLED', 'FAILED')
    ),
    algorithm             text NOT NULL,
    input_sha256          bytea NOT NULL CHECK (length(input_sha256) = 32),
    result_sha256         bytea NOT NULL,
    bundle                bytea NOT NULL, -- public: canonical input, result and hashes
    calculated_at         timestamptz NOT NULL,
    calculated_by         text NOT NULL,
    evidence_id           uuid REFERENCES signing.evidence,
    signed_at             timestamptz,
    executed_at           timestamptz,
    annulled_at           timestamptz,
    annulment_evidence_id uuid REFERENCES signing.evidence,
    annulment_reason      text CHECK (length(annulment_reason) BETWEEN 1 AND 4000),
    CHECK (result_sha256 = sha256(bundle)),
    CHECK ((status IN ('SIGNED', 'EXECUTED')) = (signed_at IS NOT NULL)),
    CHECK ((signed_at IS NULL) = (evidence_id IS NULL)),
    CHECK ((status = 'EXECUTED') = (executed_at IS NOT NULL)),
    CHECK ((status = 'ANNULLED') = (annulled_at IS NOT NULL)),
    CHECK ((annulled_at IS NULL) = (annulment_evidence_id IS NULL)),
    CHECK ((annulled_at IS NULL) = (annulment_reason IS NULL))
);
-- Two officers at once decide once.
CREATE UNIQUE INDEX decision_once ON allocation.decision (announcement_id)
    WHERE status <> 'ANNULLED';

CREATE TABLE allocation.decision_line (
    decision_id  uuid NOT NULL REFERENCES allocation.decision,
    line_id      uuid NOT NULL REFERENCES allocation.plan_line,
    mode         text NOT NULL CHECK (mode IN ('MIN_PLUS_SUPPLEMENT', 'SCALED_MIN', 'FAILED')),
    plan_units   bigint NOT NULL CHECK (plan_units >= 0),
    residue      bigint NOT NULL CHECK (residue BETWEEN 0 AND plan_units),
    amount_tiyn  bigint NOT NULL CHECK (amount_tiyn >= 0),
    input_sha256 bytea NOT NULL CHECK (length(input_sha256) = 32),
    PRIMARY KEY (decision_id, line_id),
    CHECK (mode <> 'FAILED' OR residue = plan_units)
);
CREATE TABLE allocation.share (
    decision_id    uuid NOT NULL,
    line_id        uuid NOT NULL,
    application_id uuid NOT NULL,
    executor_id    uuid NOT NULL,
    seq_no         integer NOT NULL,
    grp            text NOT NULL CHECK (grp IN ('I', 'II', 'III', 'IV', 'V')),
    min            bigint NOT NULL CHECK (min >= 0),
    max            bigint NOT NULL CHECK (max >= min),
    allocated      bigint NOT NULL CHECK (allocated BETWEEN 0 AND max),
    amount_tiyn    bigint NOT NULL CHECK (amount_tiyn >= 0),
    reason         text CHECK (reason IN ('ZERO_BASE')),
    no_history     boolean NOT NULL,
    trace          jsonb NOT NULL,
    PRIMARY KEY (decision_id, line_id, application_id),
    FOREIGN KEY (decision_id, line_id) REFERENCES allocation.decision_line (decision_id, line_id),
    FOREIGN KEY (application_id, line_id) REFERENCES allocation.application_line (application_id, line_id)
);
CREATE INDEX share_page ON allocation.share (decision_id, seq_no, line_id);
CREATE TABLE allocation.share_part (
    decision_id    uuid NOT NULL,
    line_id        uuid NOT NULL,
    application_id uuid NOT NULL,
    co_executor_no integer NOT NULL,
    allocated      bigint NOT NULL CHECK (allocated >= 0),
    PRIMARY KEY (decision_id, line_id, application_id, co_executor_no),
    FOREIGN KEY (decision_id, line_id, application_id)
        REFERENCES allocation.share (decision_id, line_id, application_id),
    FOREIGN KEY (application_id, line_id, co_executor_no)
        REFERENCES allocation.application_part (application_id, line_id, co_executor_no)
);
CREATE TRIGGER decision_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.decision_line
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER share_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.share
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER share_part_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.share_part
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER indicator_import_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.indicator_import
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER rating_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.rating
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER capacity_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.capacity
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- --- contract (domain 3.5) ---------------------------------------------------------------------

-- Numbers without gaps, `2026-MHI-000123`: the row is locked by whoever forms contracts.
CREATE TABLE allocation.contract_number (
    year    integer NOT NULL,
    source  text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    last_no integer NOT NULL CHECK (last_no >= 0),
    PRIMARY KEY (year, source)
);
CREATE TABLE allocation.contract (
    contract_id          uuid PRIMARY KEY,
    number               text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{4}-(GVFMC|MHI)-[0-9]{6}$'),
    decision_id          uuid NOT NULL REFERENCES allocation.decision,
    application_id       uuid NOT NULL REFERENCES allocation.application,
    executor_id          uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    source               text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    seq_no               integer NOT NULL CHECK (seq_no >= 1), -- the order of signing within the decision
    status               text NOT NULL DEFAULT 'FORMED' CHECK (
        status IN ('FORMED', 'IN_SIGNING', 'SIGNED', 'TERMINATED_BY_ISSUER', 'LAPSED', 'EXPIRED')
    ),
    content              bytea NOT NULL, -- canonical JSON: exactly what both parties sign
    content_sha256       bytea NOT NULL,
    amount_tiyn          bigint NOT NULL CHECK (amount_tiyn BETWEEN 1 AND 1000000000000000000),
    valid_from           date NOT NULL,
    valid_to             date NOT NULL,
    formed_at            timestamptz NOT NULL,
    issuer_evidence_id   uuid UNIQUE REFERENCES signing.evidence,
    issuer_signed_at     timestamptz,
    executor_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    executor_signed_at   timestamptz,
    ended_at             timestamptz,
    end_ground           text,
    UNIQUE (application_id, source),
    UNIQUE (decision_id, seq_no),
    CHECK (content_sha256 = sha256(content)),
    CHECK (valid_to >= valid_from),
    CHECK ((status = 'FORMED') = (issuer_signed_at IS NULL)),
    CHECK ((issuer_signed_at IS NULL) = (issuer_evidence_id IS NULL)),
    CHECK ((executor_signed_at IS NULL) = (executor_evidence_id IS NULL)),
    CHECK (executor_signed_at IS NULL OR executor_signed_at >= issuer_signed_at),
    CHECK ((status IN ('SIGNED', 'TERMINATED_BY_ISSUER', 'EXPIRED')) = (executor_signed_at IS NOT NULL)),
    CHECK ((status IN ('TERMINATED_BY_ISSUER', 'LAPSED', 'EXPIRED')) = (ended_at IS NOT NULL))
);
CREATE INDEX contract_executor ON allocation.contract (executor_id, contract_id);

CREATE TABLE allocation.contract_line (
    contract_id  uuid NOT NULL REFERENCES allocation.contract,
    line_id      uuid NOT NULL REFERENCES allocation.plan_line,
    service_type text NOT NULL,
    region       text NOT NULL,
    unit         text NOT NULL CHECK (unit IN ('service', 'tiyn')),
    units        bigint NOT NULL CHECK (units >= 1),
    tariff_tiyn  bigint CHECK (tariff_tiyn >= 1),
    amount_tiyn  bigint NOT NULL CHECK (amount_tiyn >= 1),
    PRIMARY KEY (contract_id, line_id),
    CHECK ((unit = 'service') = (tariff_tiyn IS NOT NULL)),
    CHECK (amount_tiyn = units::numeric * coalesce(tariff_tiyn, 1))
);
-- The co-executors of the application, always all of them (M 12); what they carry may be 0.
CREATE TABLE allocation.contract_co_executor (
    contract_id    uuid NOT NULL REFERENCES allocation.contract,
    application_id uuid NOT NULL,
    co_executor_no integer NOT NULL,
    line_id        uuid NOT NULL,
    units          bigint NOT NULL CHECK (units >= 0),
    PRIMARY KEY (contract_id, line_id, co_executor_no),
    FOREIGN KEY (application_id, line_id, co_executor_no)
        REFERENCES allocation.application_part (application_id, line_id, co_executor_no)
);
CREATE TRIGGER contract_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.contract_line
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER contract_co_executor_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.contract_co_executor
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- A contract is worth what its lines are worth; looked at when the forming transaction commits.
CREATE FUNCTION allocation.require_contract_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_tiyn IS DISTINCT FROM (
        SELECT sum(amount_tiyn) FROM allocation.contract_line WHERE contract_id = NEW.contract_id
    ) THEN
        RAISE EXCEPTION 'the lines of contract % do not add up', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER contract_sum AFTER INSERT ON allocation.contract
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION allocation.require_contract_sum();

-- --- who may what ------------------------------------------------------------------------------

GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA allocation TO saqtau_allocation;
GRANT UPDATE (status, approved_at, approval_evidence_id, published_at, publication_evidence_id)
   ON allocation.plan TO saqtau_allocation;
GRANT UPDATE (status, closed_at, last_seq_no, last_submitted_at)
   ON allocation.announcement TO saqtau_allocation;
GRANT UPDATE (status, ground, ground_text, reviewed_at, review_evidence_id, withdrawn_at,
              withdrawal_evidence_id) ON allocation.application TO saqtau_allocation;
GRANT UPDATE (status, evidence_id, signed_at, executed_at, annulled_at, annulment_evidence_id,
              annulment_reason) ON allocation.decision TO saqtau_allocation;
GRANT UPDATE (last_no) ON allocation.contract_number TO saqtau_allocation;
GRANT UPDATE (status, issuer_evidence_id, issuer_signed_at, executor_evidence_id,
              executor_signed_at, ended_at, end_ground) ON allocation.contract TO saqtau_allocation;

GRANT SELECT ON allocation.plan, allocation.financing_limit, allocation.plan_line,
                allocation.announcement, allocation.announcement_line, allocation.contract_line
   TO saqtau_payments, saqtau_egov;
-- The content names people where a sole proprietor is a party: for the allocation's role alone.
GRANT SELECT (contract_id, number, decision_id, application_id, executor_id, source, seq_no, status,
              content_sha256, amount_tiyn, valid_from, valid_to, formed_at, issuer_signed_at,
              executor_signed_at, ended_at, end_ground)
   ON allocation.contract TO saqtau_payments, saqtau_egov;
-- Payment is terminated on the grounds of M 17, and the contract with it (domain 3.10).
GRANT UPDATE (status, ended_at, end_ground) ON allocation.contract TO saqtau_payments;
GRANT SELECT ON allocation.plan, allocation.financing_limit, allocation.plan_line,
                allocation.announcement, allocation.announcement_line TO saqtau_public;
