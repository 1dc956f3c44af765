-- Which licences which services need (M 8(1): the set follows the services applied for): a directory the
-- registrar keeps by signature; the last entry of a service holds. A medical licence every service needs.

CREATE TABLE allocation.licence_need_entry (
    entry_id     uuid PRIMARY KEY,
    service_type text NOT NULL CHECK (service_type ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    kinds        text[] NOT NULL CHECK (kinds <@ ARRAY['RADIATION', 'NARCOTICS', 'PHARMACEUTICAL']),
    basis        text NOT NULL CHECK (basis <> ''),
    evidence_id  uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    entered_at   timestamptz NOT NULL
);
CREATE INDEX licence_need_entry_service ON allocation.licence_need_entry (service_type, entry_id DESC);
CREATE TRIGGER licence_need_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.licence_need_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON allocation.licence_need_entry TO saqtau_allocation;
