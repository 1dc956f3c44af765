-- egov: every status of a complaint goes to the citizen's eGov cabinet, in order and once by its id. Written in the
-- transaction that changed the status; `no` counts within a complaint (changes of one take turns by its row's lock).
CREATE TABLE egov.complaint_status (
    complaint_id uuid NOT NULL REFERENCES egov.complaint_claim,
    no           smallint NOT NULL CHECK (no > 0),
    status_id    uuid NOT NULL UNIQUE,
    status       text NOT NULL CHECK (status IN
        ('REGISTERED', 'IN_REVIEW', 'SATISFIED', 'PARTLY', 'DENIED', 'FORWARDED')),
    at           timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,      -- the answer's, as it stood then
    evidence_id  uuid REFERENCES signing.evidence, -- of an answer: the document that was signed
    tries        integer NOT NULL DEFAULT 0,
    try_at       timestamptz,               -- when it is to be sent; none once it is settled
    settled_at   timestamptz,
    outcome      text CHECK (outcome IN ('DELIVERED', 'WITHHELD')), -- withheld: the consent to eGov was withdrawn (D43)
    PRIMARY KEY (complaint_id, no),
    UNIQUE (complaint_id, status),
    CHECK ((try_at IS NULL) = (settled_at IS NOT NULL)),
    CHECK ((settled_at IS NULL) = (outcome IS NULL)),
    CHECK ((evidence_id IS NOT NULL) = (status IN ('SATISFIED', 'PARTLY', 'DENIED')))
);
CREATE INDEX complaint_status_due ON egov.complaint_status (try_at) WHERE try_at IS NOT NULL;

CREATE FUNCTION egov.keep_complaint_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.settled_at IS NULL
       AND (OLD.complaint_id, OLD.no, OLD.status_id, OLD.status, OLD.at, OLD.due_at)
           = (NEW.complaint_id, NEW.no, NEW.status_id, NEW.status, NEW.at, NEW.due_at)
       AND OLD.evidence_id IS NOT DISTINCT FROM NEW.evidence_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a status that was told is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER complaint_status_once_told BEFORE UPDATE ON egov.complaint_status
    FOR EACH ROW EXECUTE FUNCTION egov.keep_complaint_status();
CREATE TRIGGER complaint_status_kept BEFORE DELETE OR TRUNCATE ON egov.complaint_status
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON egov.complaint_status TO saqtau_egov;
GRANT UPDATE (tries, try_at, settled_at, outcome) ON egov.complaint_status TO saqtau_egov;
