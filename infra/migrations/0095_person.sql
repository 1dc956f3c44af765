-- person: who a person is, in a schema that the registry's role alone may enter (ADR 0008).
--
-- What stands elsewhere knows a person by the opaque person_id. The keys that hashes and seals stand
-- under are numbered here, so that none is taken away while anything still needs it.

CREATE SCHEMA person;
GRANT USAGE ON SCHEMA person TO saqtau_registry;

ALTER TABLE registry.identity SET SCHEMA person;
ALTER TABLE registry.iin_claim SET SCHEMA person;
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('ALTER TABLE registry.%I SET SCHEMA person', 'identity_p' || lpad(part::text, 2, '0'));
        EXECUTE format('REVOKE ALL ON person.%I FROM saqtau_registry', 'identity_p' || lpad(part::text, 2, '0'));
    END LOOP;
END $$;

-- A hash names its key: while the key is changed a person has two. The IIN itself lies sealed beside
-- it, for who was only ever paid for or seen has no identity yet to hash anew.
ALTER TABLE person.iin_claim
    ADD COLUMN key_id smallint NOT NULL DEFAULT 1 CHECK (key_id >= 1),
    ADD COLUMN sealed bytea,
    DROP CONSTRAINT iin_claim_person_id_key,
    ADD CONSTRAINT iin_claim_one_a_key UNIQUE (person_id, key_id);
GRANT UPDATE (person_id, sealed), DELETE ON person.iin_claim TO saqtau_registry;

-- Which sealing keys this database was written with. One that is not retired must be in the ring:
-- a process without it does not start.
CREATE TABLE kernel.sealing_key (
    key_id     bytea PRIMARY KEY CHECK (length(key_id) = 4),
    added_at   timestamptz NOT NULL,
    retired_at timestamptz CHECK (retired_at >= added_at)
);
-- The keys of keyed hashes, sealed: secrets change without hashing anybody anew. GENERAL (signers,
-- staff, batches, one-time passwords) is one for ever; of PERSON there are two while it is changed.
CREATE TABLE kernel.lookup_key (
    key_id     smallint PRIMARY KEY CHECK (key_id >= 0),
    purpose    text NOT NULL CHECK (purpose IN ('GENERAL', 'PERSON')),
    sealed     bytea NOT NULL,
    added_at   timestamptz NOT NULL,
    CHECK ((purpose = 'GENERAL') = (key_id = 0))
);
-- How far the re-sealing of each column has come, kept with the batch it counts.
CREATE TABLE kernel.resealing (
    vault  text PRIMARY KEY,
    key_id bytea NOT NULL CHECK (length(key_id) = 4),
    after  text NOT NULL,
    done   bigint NOT NULL CHECK (done >= 0)
);
GRANT SELECT, INSERT ON kernel.sealing_key, kernel.lookup_key TO saqtau_registry;
GRANT UPDATE (retired_at) ON kernel.sealing_key TO saqtau_registry;
GRANT UPDATE (sealed), DELETE ON kernel.lookup_key TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON kernel.resealing
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;

-- Sealed again under a new key by the wing that owns them.
GRANT UPDATE (private_sealed) ON visits.qr_key TO saqtau_visits;
GRANT UPDATE (sealed) ON allocation.application_co_executor TO saqtau_allocation;
GRANT UPDATE (text_sealed) ON egov.complaint TO saqtau_egov;

-- The release before this one finds its tables where it knew them, under the rights of who asks.
-- To be dropped with the release after this one.
CREATE VIEW registry.identity WITH (security_invoker = true) AS
    SELECT person_id, sealed, fingerprint, changed_at FROM person.identity;
CREATE VIEW registry.iin_claim WITH (security_invoker = true) AS
    SELECT iin_hash, person_id FROM person.iin_claim;
GRANT SELECT, INSERT, UPDATE ON registry.identity TO saqtau_registry;
GRANT SELECT, INSERT ON registry.iin_claim TO saqtau_registry;
