-- Whom to look at (issue 6, part 6): rules over acts with parameters that somebody signed, samples of a
-- risk part and a random part. Nothing here changes an act.

CREATE TABLE payments.sampling_parameters (
    parameters_id uuid PRIMARY KEY,
    no            integer NOT NULL UNIQUE CHECK (no >= 1),
    "values"      jsonb NOT NULL CHECK (jsonb_typeof("values") = 'object'),
    reason        text NOT NULL CHECK (reason <> ''),
    evidence_id   uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    set_by        text NOT NULL,
    set_at        timestamptz NOT NULL
);
CREATE TRIGGER sampling_parameters_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.sampling_parameters FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- The seed is fixed, and its hash told, before anything is drawn; it is published afterwards.
CREATE TABLE payments.sample (
    sample_id     uuid PRIMARY KEY,
    period_from   date NOT NULL,
    period_to     date NOT NULL CHECK (period_to >= period_from),
    region        text,
    status        text NOT NULL CHECK (status IN ('WAITING', 'DRAWN')),
    parameters_no integer REFERENCES payments.sampling_parameters (no), -- null: those of the code
    parameters    jsonb NOT NULL,
    seed          bytea NOT NULL CHECK (length(seed) = 32),
    asked_by      text NOT NULL,
    asked_at      timestamptz NOT NULL,
    lines         bigint CHECK (lines >= 0),
    risky_lines   bigint CHECK (risky_lines BETWEEN 0 AND lines),
    drawn_at      timestamptz,
    published_at  timestamptz,
    CHECK ((status = 'DRAWN') = (drawn_at IS NOT NULL)),
    CHECK ((drawn_at IS NULL) = (lines IS NULL)),
    CHECK ((drawn_at IS NULL) = (risky_lines IS NULL)),
    CHECK (published_at IS NULL OR drawn_at IS NOT NULL)
);
-- A line of an act, and why it was taken: `hits` are [rule, points, numbers] as they were found.
CREATE TABLE payments.sample_item (
    sample_id    uuid NOT NULL REFERENCES payments.sample,
    no           integer NOT NULL CHECK (no >= 1),
    part         text NOT NULL CHECK (part IN ('RISK', 'RANDOM')),
    act_id       uuid NOT NULL REFERENCES payments.act,
    line_no      integer NOT NULL,
    case_id      uuid NOT NULL,
    person_id    uuid NOT NULL,
    executor_id  uuid NOT NULL,
    service_code text NOT NULL,
    service_date date NOT NULL,
    amount_tiyn  bigint NOT NULL,
    score        integer NOT NULL CHECK (score >= 0),
    hits         jsonb NOT NULL CHECK (jsonb_typeof(hits) = 'array'),
    PRIMARY KEY (sample_id, no)
);
CREATE INDEX sample_item_executor ON payments.sample_item (sample_id, executor_id, no);
-- How the executors of a sample compare: what an officer draws a monitoring from.
CREATE TABLE payments.sample_executor (
    sample_id   uuid NOT NULL REFERENCES payments.sample,
    executor_id uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    lines       bigint NOT NULL CHECK (lines >= 1),
    risky_lines bigint NOT NULL CHECK (risky_lines BETWEEN 0 AND lines),
    score_milli bigint NOT NULL CHECK (score_milli >= 0), -- mean score of a line, in thousandths
    amount_tiyn numeric NOT NULL,
    PRIMARY KEY (sample_id, executor_id)
);
CREATE INDEX sample_executor_order ON payments.sample_executor (sample_id, score_milli DESC, executor_id);
CREATE TRIGGER sample_item_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.sample_item FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER sample_executor_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.sample_executor FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

ALTER TABLE payments.monitoring ADD FOREIGN KEY (sample_id) REFERENCES payments.sample;

GRANT SELECT, INSERT ON payments.sampling_parameters, payments.sample, payments.sample_item,
                        payments.sample_executor TO saqtau_payments;
GRANT UPDATE (status, lines, risky_lines, drawn_at, published_at) ON payments.sample
   TO saqtau_payments;
