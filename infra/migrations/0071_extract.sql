-- Extracts (M §30, §43-45): what was given of the registry, to whom and on what basis.

-- `sealed` is the document, with the person's name and number in it; `sha256` is over its octets
-- and stands in the operation (`seq`, `hash`) by which it was given. `code` finds it from paper.
CREATE TABLE registry.extract (
    person_id   uuid NOT NULL,
    extract_id  uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN (
                    'ACCOUNT', 'POLICY', 'INFORMATION_OPERATIONS', 'POLICY_EVENTS')),
    at          timestamptz NOT NULL,
    actor       text NOT NULL CHECK (actor <> ''),
    actor_bin   text CHECK (actor_bin ~ '^[0-9]{12}$'),  -- NULL: the insured himself
    evidence_id uuid REFERENCES signing.evidence,
    code        text NOT NULL CHECK (code ~ '^[0-9A-Z]{20}$'),
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    sealed      bytea NOT NULL,
    seq         bigint NOT NULL CHECK (seq >= 1),
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (person_id, extract_id),
    CHECK ((actor_bin IS NULL) = (evidence_id IS NULL))
) PARTITION BY HASH (person_id);

DO $$
DECLARE
    name text;
    part integer;
BEGIN
    FOR part IN 0..15 LOOP
        name := 'extract_p' || lpad(part::text, 2, '0');
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.extract '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)', name, part
        );
        EXECUTE format(
            'ALTER TABLE registry.%I ADD FOREIGN KEY (person_id) REFERENCES registry.%I',
            name, 'person_p' || lpad(part::text, 2, '0')
        );
        EXECUTE format(
            'CREATE TRIGGER extract_kept BEFORE TRUNCATE ON registry.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()', name
        );
    END LOOP;
END $$;
CREATE INDEX extract_by_id ON registry.extract (extract_id);
CREATE INDEX extract_by_code ON registry.extract (code);
CREATE INDEX extract_at ON registry.extract (at);
CREATE TRIGGER extract_append_only BEFORE UPDATE OR DELETE ON registry.extract
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER extract_kept BEFORE TRUNCATE ON registry.extract
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON registry.extract TO saqtau_registry;
