-- registry: who looked at whose data (FHIR AuditEvent, R4 of FAULTS 14), written in the transaction of
-- the read. Lies with the person, is shown to the person, and is only ever forgotten behind the horizon.

CREATE TABLE registry.access_record (
    person_id    uuid NOT NULL,
    record_id    uuid NOT NULL,
    at           timestamptz NOT NULL,
    own          boolean NOT NULL,
    session_id   uuid,                  -- of the person's own: noted once a session
    organisation text CHECK (organisation <> ''),  -- its BIN
    role         text NOT NULL CHECK (role <> ''),
    staff        bytea CHECK (length(staff) = 32), -- opaque: keyed hash of who signed in
    operation    text NOT NULL CHECK (operation <> ''),
    basis        text NOT NULL CHECK (basis ~ '^[A-Z][A-Z_]*$'),
    basis_id     text CHECK (basis_id <> ''),
    fields       text[] NOT NULL CHECK (fields <> '{}'),
    PRIMARY KEY (person_id, record_id),
    CHECK (NOT own OR session_id IS NOT NULL)
) PARTITION BY HASH (person_id);
CREATE UNIQUE INDEX access_record_once_a_session ON registry.access_record (person_id, session_id)
    WHERE own;
-- Rows come in order of time: the old ones lie together.
CREATE INDEX access_record_at ON registry.access_record USING brin (at);

-- Records of before this instant are forgotten (SAQTAU_LOOKS_KEPT_DAYS); it never moves back.
CREATE TABLE registry.access_horizon (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    before   timestamptz NOT NULL,
    cleared  boolean NOT NULL DEFAULT false
);
INSERT INTO registry.access_horizon (before, cleared) VALUES ('2026-01-01T00:00:00Z', true);

CREATE FUNCTION registry.keep_access_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < (SELECT before FROM registry.access_horizon) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of %.% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION registry.keep_access_horizon() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.before >= OLD.before THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the horizon of what is forgotten never moves back'
        USING ERRCODE = 'restrict_violation';
END $$;

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE registry.%1$I PARTITION OF registry.access_record '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %2$s)',
            'access_record_p' || lpad(part::text, 2, '0'), part
        );
        EXECUTE format(
            'CREATE TRIGGER access_record_kept BEFORE TRUNCATE ON registry.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()',
            'access_record_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END $$;
CREATE TRIGGER access_record_append_only BEFORE UPDATE OR DELETE ON registry.access_record
    FOR EACH ROW EXECUTE FUNCTION registry.keep_access_record();
CREATE TRIGGER access_record_kept BEFORE TRUNCATE ON registry.access_record
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER access_horizon_forward BEFORE UPDATE OR DELETE ON registry.access_horizon
    FOR EACH ROW EXECUTE FUNCTION registry.keep_access_horizon();
CREATE TRIGGER access_horizon_kept BEFORE TRUNCATE ON registry.access_horizon
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT, DELETE ON registry.access_record TO saqtau_registry;
GRANT SELECT, UPDATE ON registry.access_horizon TO saqtau_registry;
-- Whoever reads notes it in its own transaction; the citizens' side shows it.
GRANT INSERT ON registry.access_record TO saqtau_visits, saqtau_payments, saqtau_egov;
GRANT SELECT ON registry.access_record, registry.access_horizon TO saqtau_egov;
