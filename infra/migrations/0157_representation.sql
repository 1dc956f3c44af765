-- egov: who may act for whom (domain 2: insured and legal representative; M §23: GBD FL, 1414). A representation
-- has a basis, a document and an end; it lies with the person represented. It is ended, never changed or deleted.
CREATE TABLE egov.representation (
    person_id         uuid NOT NULL REFERENCES registry.person,   -- who is represented
    representation_id uuid NOT NULL,
    representative_id uuid NOT NULL REFERENCES registry.person,
    basis             text NOT NULL CHECK (basis IN ('PARENT', 'GUARDIAN', 'TRUSTEE', 'POWER_OF_ATTORNEY')),
    scopes            text[] NOT NULL CHECK (scopes <> '{}'),
    document_sealed   bytea NOT NULL,                              -- number, day, who issued it
    valid_to          date NOT NULL,
    confirmed_by      text NOT NULL CHECK (confirmed_by IN ('GBD_FL')),
    confirmed_at      timestamptz NOT NULL,
    ended_at          timestamptz,
    ended_by          text CHECK (ended_by IN ('REPRESENTATIVE', 'REPRESENTED')),
    PRIMARY KEY (person_id, representation_id),
    CHECK (person_id <> representative_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) PARTITION BY HASH (person_id);
CREATE INDEX representation_of ON egov.representation (representative_id, representation_id);
-- One at a time between two people.
CREATE UNIQUE INDEX representation_once ON egov.representation (person_id, representative_id)
    WHERE ended_at IS NULL;
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE egov.%I PARTITION OF egov.representation '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'representation_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;
GRANT SELECT, INSERT ON egov.representation TO saqtau_egov;
GRANT UPDATE (ended_at, ended_by, document_sealed) ON egov.representation TO saqtau_egov;
