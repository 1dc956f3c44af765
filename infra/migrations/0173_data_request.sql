-- The registrar's written requests to state bodies for data, free of charge (M 25): who was asked for what and
-- why, and what came of it. The signed document is the request. Facts: added, never changed.
CREATE TABLE registry.data_request_number (
    year    integer PRIMARY KEY,
    last_no integer NOT NULL CHECK (last_no >= 1)
);
CREATE TABLE registry.data_request (
    request_id  uuid PRIMARY KEY,
    number      text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{4}-DEREK-[0-9]{5}$'),
    body_bin    text NOT NULL CHECK (body_bin ~ '^[0-9]{12}$'),
    body_name   text NOT NULL CHECK (body_name <> ''),
    purpose     text NOT NULL CHECK (purpose IN ('UPDATE', 'CLARIFY')),
    asked       text NOT NULL CHECK (asked <> ''),
    asked_at    timestamptz NOT NULL,
    asked_by    text NOT NULL,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence
);
CREATE TABLE registry.data_request_answer (
    request_id  uuid NOT NULL REFERENCES registry.data_request,
    no          integer NOT NULL CHECK (no >= 1),
    outcome     text NOT NULL CHECK (outcome IN ('GIVEN', 'PARTLY', 'REFUSED')),
    answered_on date NOT NULL,
    paper       jsonb NOT NULL CHECK (jsonb_typeof(paper) = 'object'),
    entered_at  timestamptz NOT NULL,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    PRIMARY KEY (request_id, no)
);
-- After data were given or refused nothing more is answered.
CREATE UNIQUE INDEX data_request_answered ON registry.data_request_answer (request_id)
    WHERE outcome <> 'PARTLY';
CREATE TRIGGER data_request_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.data_request
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER data_request_answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON registry.data_request_answer FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON registry.data_request, registry.data_request_answer TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.data_request_number TO saqtau_registry;
