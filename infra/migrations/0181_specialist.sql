-- Who may give which service (M 13: the medical workers of an act are checked). Which speciality a service needs is
-- a directory the registrar keeps by signature; which certificates specialists hold is told by the Resource
-- Management System. Both are facts: added, never changed.

-- Of a service on a day the last entry that holds then counts. No specialities: the service needs none by name.
CREATE TABLE registry.speciality_need_entry (
    entry_id     uuid PRIMARY KEY,
    service_code text NOT NULL CHECK (service_code ~ '^[!-~]{1,64}$'),
    specialities text[] NOT NULL CHECK (cardinality(specialities) <= 50),
    valid_from   date NOT NULL,
    valid_to     date CHECK (valid_to >= valid_from),
    basis        text NOT NULL CHECK (basis <> ''), -- the act and the point that ask for it
    evidence_id  uuid NOT NULL REFERENCES signing.evidence,
    entered_at   timestamptz NOT NULL
);
CREATE INDEX speciality_need_entry_service
    ON registry.speciality_need_entry (service_code, entry_id DESC);
CREATE INDEX speciality_need_entry_from ON registry.speciality_need_entry (valid_from);

-- A certificate by its source and number; of several words about one the last `seq` holds.
CREATE TABLE registry.specialist_certificate (
    source     text NOT NULL COLLATE "C" CHECK (source <> ''),
    number     text NOT NULL COLLATE "C" CHECK (number ~ '^[!-~]{1,64}$'),
    seq        bigint NOT NULL CHECK (seq >= 0),
    iin_hash   bytea NOT NULL CHECK (length(iin_hash) = 32),
    speciality text NOT NULL CHECK (speciality ~ '^[!-~]{1,64}$'),
    valid_from date NOT NULL,
    valid_to   date CHECK (valid_to >= valid_from),
    withdrawn  boolean NOT NULL,
    told_at    timestamptz NOT NULL,
    PRIMARY KEY (source, number, seq)
);
CREATE INDEX specialist_certificate_holder ON registry.specialist_certificate (iin_hash);
CREATE VIEW registry.specialist_certificate_now AS
SELECT c.iin_hash, c.speciality, c.valid_from, c.valid_to, c.withdrawn
  FROM registry.specialist_certificate c
 WHERE NOT EXISTS (
     SELECT FROM registry.specialist_certificate later
      WHERE later.source = c.source AND later.number = c.number AND later.seq > c.seq
 );

CREATE TRIGGER speciality_need_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON registry.speciality_need_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER specialist_certificate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON registry.specialist_certificate FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON registry.speciality_need_entry, registry.specialist_certificate
   TO saqtau_registry;
GRANT SELECT ON registry.speciality_need_entry, registry.specialist_certificate_now TO saqtau_payments;

-- What a line of an act should tell although it passes.
ALTER TABLE payments.act_case ADD COLUMN notes text[] NOT NULL DEFAULT '{}';
ALTER TABLE payments.act_stray_line ADD COLUMN notes text[] NOT NULL DEFAULT '{}';
