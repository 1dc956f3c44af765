-- allocation: what the resource and equipment systems say an executor can do, each answer with its age
-- (A, business process 3; D28). A run asks about every applicant of an announcement.

CREATE TABLE allocation.capacity_run (
    run_id          uuid PRIMARY KEY,
    announcement_id uuid NOT NULL REFERENCES allocation.announcement,
    asked_at        timestamptz NOT NULL,
    asked_by        text NOT NULL
);
CREATE INDEX capacity_run_announcement ON allocation.capacity_run (announcement_id, asked_at);

-- The answer of one system. ABSENT: it keeps no such record. UNAVAILABLE: it did not answer.
CREATE TABLE allocation.capacity_reading (
    run_id       uuid NOT NULL REFERENCES allocation.capacity_run,
    system       text NOT NULL CHECK (system IN ('SUR', 'SUMT')),
    executor_id  uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type text NOT NULL,
    region       text NOT NULL,
    unit         text NOT NULL CHECK (unit IN ('service', 'tiyn')),
    outcome      text NOT NULL CHECK (outcome IN ('KNOWN', 'ABSENT', 'UNAVAILABLE')),
    capacity     bigint CHECK (capacity BETWEEN 0 AND 1000000000000000000),
    as_of        timestamptz,
    PRIMARY KEY (run_id, executor_id, service_type, region, unit, system),
    CHECK ((outcome = 'KNOWN') = (capacity IS NOT NULL)),
    CHECK ((outcome = 'KNOWN') = (as_of IS NOT NULL))
);

-- What follows from two answers: the smaller where both know. Null: neither keeps a record. Where a system
-- was silent there is no row, and what was known before holds, with its age (domain 7.2).
CREATE TABLE allocation.capacity_measured (
    run_id       uuid NOT NULL REFERENCES allocation.capacity_run,
    executor_id  uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type text NOT NULL,
    region       text NOT NULL,
    unit         text NOT NULL CHECK (unit IN ('service', 'tiyn')),
    capacity     bigint CHECK (capacity BETWEEN 0 AND 1000000000000000000),
    as_of        timestamptz,
    PRIMARY KEY (executor_id, service_type, region, unit, run_id),
    CHECK ((capacity IS NULL) = (as_of IS NULL))
);

CREATE TRIGGER capacity_run_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.capacity_run
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER capacity_reading_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.capacity_reading
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER capacity_measured_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.capacity_measured
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- The newest word on a capacity, whether measured or imported by hand with its paper. A system that keeps
-- no record any more takes back what it said, and not what a paper says.
CREATE VIEW allocation.capacity_in_force WITH (security_invoker = true) AS
    WITH measured AS (
        SELECT DISTINCT ON (m.executor_id, m.service_type, m.region, m.unit)
               m.executor_id, m.service_type, m.region, m.unit, m.capacity, m.as_of,
               r.asked_at AS told_at, m.run_id
          FROM allocation.capacity_measured m
          JOIN allocation.capacity_run r USING (run_id)
         ORDER BY m.executor_id, m.service_type, m.region, m.unit, r.asked_at DESC, m.run_id DESC
    )
    SELECT DISTINCT ON (executor_id, service_type, region, unit)
           executor_id, service_type, region, unit, capacity, as_of, import_id, run_id
      FROM (
        SELECT c.executor_id, c.service_type, c.region, c.unit, c.capacity, i.imported_at AS as_of,
               i.imported_at AS told_at, c.import_id, NULL::uuid AS run_id
          FROM allocation.capacity c
          JOIN allocation.indicator_import i USING (import_id)
         WHERE c.capacity IS NOT NULL
        UNION ALL
        SELECT executor_id, service_type, region, unit, capacity, as_of, told_at, NULL, run_id
          FROM measured
         WHERE capacity IS NOT NULL
      ) told
     ORDER BY executor_id, service_type, region, unit, told_at DESC, coalesce(run_id, import_id) DESC;

-- What an executor did this year, as last imported.
CREATE VIEW allocation.fact_in_force WITH (security_invoker = true) AS
    SELECT DISTINCT ON (c.executor_id, c.service_type, c.region, c.unit)
           c.executor_id, c.service_type, c.region, c.unit, c.fact, c.import_id
      FROM allocation.capacity c
      JOIN allocation.indicator_import i USING (import_id)
     WHERE c.fact IS NOT NULL
     ORDER BY c.executor_id, c.service_type, c.region, c.unit, i.imported_at DESC, c.import_id DESC;

GRANT SELECT, INSERT ON allocation.capacity_run, allocation.capacity_reading,
                        allocation.capacity_measured TO saqtau_allocation;
GRANT SELECT ON allocation.capacity_in_force, allocation.fact_in_force TO saqtau_allocation;
