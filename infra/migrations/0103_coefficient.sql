-- allocation: coefficients of providers to the tariffs of a kind of service (D22), imported with their paper.

ALTER TABLE allocation.indicator_import DROP CONSTRAINT indicator_import_kind_check;
ALTER TABLE allocation.indicator_import ADD CONSTRAINT indicator_import_kind_check
    CHECK (kind IN ('RATING', 'CAPACITY', 'VALUE', 'FACTOR', 'COEFFICIENT'));

-- Thousandths: 1100 is a tenth more. 1000 takes an earlier one back.
CREATE TABLE allocation.tariff_coefficient (
    executor_id       uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type      text NOT NULL,
    region            text NOT NULL,
    import_id         uuid NOT NULL REFERENCES allocation.indicator_import,
    coefficient_milli integer NOT NULL CHECK (coefficient_milli BETWEEN 1 AND 100000),
    PRIMARY KEY (executor_id, service_type, region, import_id)
);
CREATE TRIGGER tariff_coefficient_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.tariff_coefficient
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE VIEW allocation.coefficient_in_force WITH (security_invoker = true) AS
    SELECT DISTINCT ON (c.executor_id, c.service_type, c.region)
           c.executor_id, c.service_type, c.region, c.coefficient_milli, c.import_id
      FROM allocation.tariff_coefficient c
      JOIN allocation.indicator_import i USING (import_id)
     ORDER BY c.executor_id, c.service_type, c.region, i.imported_at DESC, c.import_id DESC;
GRANT SELECT, INSERT ON allocation.tariff_coefficient TO saqtau_allocation;
GRANT SELECT ON allocation.coefficient_in_force TO saqtau_allocation;
