-- The legal clock: what was said of a term (reminded, breached), and who changed the calendar.

-- A term is told of twice at most, each time once.
CREATE TABLE kernel.term_notice (
    code    text NOT NULL,
    subject uuid NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('REMINDED', 'BREACHED')),
    at      timestamptz NOT NULL,
    PRIMARY KEY (code, subject, kind),
    FOREIGN KEY (code, subject) REFERENCES kernel.term (code, subject)
);
CREATE TRIGGER term_notice_is_kept BEFORE UPDATE OR DELETE ON kernel.term_notice
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON kernel.term_notice TO saqtau_registry;

CREATE INDEX term_due ON kernel.term (due_at, code, subject);
CREATE INDEX term_owner ON kernel.term (owner, due_at, code, subject);

-- Every change of the calendar's table, with the signed document it rests on (domain 4.1: audit).
CREATE TABLE registry.calendar_change (
    change_id   uuid PRIMARY KEY,
    day         date NOT NULL,
    kind        text CHECK (kind IN ('WORKING', 'DAY_OFF')), -- null: the row was taken away
    source      text NOT NULL CHECK (source <> ''),
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    actor       text NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX calendar_change_at ON registry.calendar_change (at);
CREATE TRIGGER calendar_change_is_kept BEFORE UPDATE OR DELETE ON registry.calendar_change
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON registry.calendar_change TO saqtau_registry;

-- Copies of a term's end follow it when the calendar changes.
GRANT UPDATE (accepting_until) ON allocation.announcement TO saqtau_allocation;
GRANT UPDATE (remove_by) ON payments.suspension TO saqtau_payments;
GRANT UPDATE (due_at) ON egov.complaint TO saqtau_egov;
