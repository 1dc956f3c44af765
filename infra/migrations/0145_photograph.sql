-- Photographs of facilities (M 6(4)): the files lie outside the database, under their own hash; here is
-- what each one is and whose. A facility is digitised when both of its photographs are there.

CREATE TABLE registry.photograph (
    organisation_id uuid NOT NULL REFERENCES registry.organisation,
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),
    handed_in       bytea NOT NULL CHECK (length(handed_in) = 32), -- SHA-256 of the file as it came
    bytes           integer NOT NULL CHECK (bytes > 0),
    width           integer NOT NULL CHECK (width > 0),
    height          integer NOT NULL CHECK (height > 0),
    uploaded_at     timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, sha256)
);
CREATE INDEX photograph_handed_in ON registry.photograph (organisation_id, handed_in);
CREATE TRIGGER photograph_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.photograph
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON registry.photograph TO saqtau_registry;

-- What a facility's passport was before and after a change, and when it changed (M 31).
CREATE TABLE registry.facility_change (
    change_id   uuid PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES registry.facility,
    changed_on  date NOT NULL,
    entered_at  timestamptz NOT NULL,
    before      jsonb NOT NULL,
    after       jsonb NOT NULL
);
CREATE INDEX facility_change_of ON registry.facility_change (facility_id, change_id);
CREATE TRIGGER facility_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.facility_change
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON registry.facility_change TO saqtau_registry;

CREATE OR REPLACE VIEW registry.executor_ready AS
SELECT organisation_id, missing = '{}' AS ready, missing
  FROM (
    SELECT o.organisation_id,
           array_remove(ARRAY[
               CASE WHEN o.agreement_signed_at IS NULL THEN 'agreement_signed' END,
               CASE WHEN o.mis_declared_at IS NULL THEN 'mis_declared' END,
               CASE WHEN o.dfo_posted_at IS NULL THEN 'dfo_posted' END,
               CASE WHEN f.facilities IS NULL OR f.undigitised > 0 THEN 'facilities_digitised' END,
               CASE WHEN coalesce(f.production, 0) = 0 OR f.without_qr > 0 THEN 'qr_obtained' END
           ], NULL) AS missing
      FROM registry.organisation o
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
      ) f USING (organisation_id)
     WHERE o.kind = 'EXECUTOR'
  ) AS judged;
