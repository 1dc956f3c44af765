-- Directories the registrar keeps by signature (M 6(2), 6(4)): conforming medical information systems, and
-- the fields the accounting rules KR DSM-186/2020 ask of a facility. Entries are added, never changed: the
-- last of a code holds.

CREATE TABLE registry.mis_entry (
    entry_id    uuid PRIMARY KEY,
    code        text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    name        text NOT NULL CHECK (name <> ''),
    conforms    boolean NOT NULL,
    basis       text NOT NULL CHECK (basis <> ''),
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    entered_at  timestamptz NOT NULL
);
CREATE INDEX mis_entry_code ON registry.mis_entry (code, entry_id DESC);
CREATE TABLE registry.accounting_field_entry (
    entry_id    uuid PRIMARY KEY,
    code        text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,63}$'),
    title_kk    text NOT NULL CHECK (title_kk <> ''),
    title_ru    text NOT NULL CHECK (title_ru <> ''),
    kind        text NOT NULL CHECK (kind IN ('text', 'integer', 'boolean')),
    required    boolean NOT NULL,
    retired     boolean NOT NULL,
    basis       text NOT NULL CHECK (basis <> ''), -- point of the rules the field stands in
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    entered_at  timestamptz NOT NULL
);
CREATE INDEX accounting_field_entry_code ON registry.accounting_field_entry (code, entry_id DESC);

-- What outside systems say of organisations, with the age of what they say. No row: nobody has answered.
CREATE TABLE registry.confirmation (
    organisation_id uuid NOT NULL REFERENCES registry.organisation,
    kind            text NOT NULL CHECK (kind IN ('LEGAL_ENTITY', 'STATEMENTS')),
    status          text NOT NULL CHECK (status IN ('CONFIRMED', 'REFUTED', 'UNKNOWN')),
    year            integer CHECK (year BETWEEN 2020 AND 2100), -- of the statements
    as_of           timestamptz, -- of the record in the outside system
    asked_at        timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, kind),
    CHECK ((kind = 'STATEMENTS') = (year IS NOT NULL)),
    CHECK ((status = 'UNKNOWN') = (as_of IS NULL))
);

CREATE TRIGGER mis_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.mis_entry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER accounting_field_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON registry.accounting_field_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

CREATE VIEW registry.mis_now AS
SELECT DISTINCT ON (code) code, name, conforms, basis, entered_at
  FROM registry.mis_entry ORDER BY code, entry_id DESC;
CREATE VIEW registry.accounting_field_now AS
SELECT code, title_kk, title_ru, kind, required, basis, entered_at
  FROM (SELECT DISTINCT ON (code) code, title_kk, title_ru, kind, required, retired, basis, entered_at
          FROM registry.accounting_field_entry
         ORDER BY code, entry_id DESC) last
 WHERE NOT retired;

GRANT SELECT, INSERT ON registry.mis_entry, registry.accounting_field_entry TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.confirmation TO saqtau_registry;
GRANT SELECT ON registry.mis_now, registry.accounting_field_now TO saqtau_registry;
GRANT SELECT ON registry.confirmation TO saqtau_allocation;

-- An executor is ready when what it declared is borne out: the system conforms, the depository has the
-- statements, the photographs are there.
CREATE OR REPLACE VIEW registry.executor_ready AS
SELECT organisation_id, missing = '{}' AS ready, missing
  FROM (
    SELECT o.organisation_id,
           array_remove(ARRAY[
               CASE WHEN o.agreement_signed_at IS NULL THEN 'agreement_signed' END,
               CASE WHEN o.mis_declared_at IS NULL OR NOT coalesce(mis.conforms, false)
                    THEN 'mis_declared' END,
               CASE WHEN o.dfo_posted_at IS NULL OR statements.organisation_id IS NULL
                    THEN 'dfo_posted' END,
               CASE WHEN f.facilities IS NULL OR f.undigitised > 0 THEN 'facilities_digitised' END,
               CASE WHEN coalesce(f.production, 0) = 0 OR f.without_qr > 0 THEN 'qr_obtained' END
           ], NULL) AS missing
      FROM registry.organisation o
      LEFT JOIN LATERAL (
        SELECT e.conforms FROM registry.mis_entry e
         WHERE e.code = o.mis_code ORDER BY e.entry_id DESC LIMIT 1
      ) mis ON true
      LEFT JOIN registry.confirmation statements
        ON statements.organisation_id = o.organisation_id AND statements.kind = 'STATEMENTS'
       AND statements.status = 'CONFIRMED' AND statements.year = o.dfo_year
      LEFT JOIN (
        SELECT facility.organisation_id,
               count(*) AS facilities,
               count(*) FILTER (
                   WHERE accounting_186 = '{}' OR outside.sha256 IS NULL OR inside.sha256 IS NULL
               ) AS undigitised,
               count(*) FILTER (WHERE production) AS production,
               count(*) FILTER (WHERE production AND qr_obtained_at IS NULL) AS without_qr
          FROM registry.facility
          LEFT JOIN registry.photograph outside
            ON outside.organisation_id = facility.organisation_id
           AND outside.sha256 = facility.photo_outside
          LEFT JOIN registry.photograph inside
            ON inside.organisation_id = facility.organisation_id
           AND inside.sha256 = facility.photo_inside
         GROUP BY facility.organisation_id
      ) f ON f.organisation_id = o.organisation_id
     WHERE o.kind = 'EXECUTOR'
  ) AS judged;
