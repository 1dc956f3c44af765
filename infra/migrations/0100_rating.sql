-- allocation: indicators as data, their values with where they came from, and scores computed from them
-- (domain 5.2). Imports are append-only: what is in force is the newest row, what was in force stays.

ALTER TABLE allocation.indicator_import DROP CONSTRAINT indicator_import_kind_check;
ALTER TABLE allocation.indicator_import ADD CONSTRAINT indicator_import_kind_check
    CHECK (kind IN ('RATING', 'CAPACITY', 'VALUE', 'FACTOR'));

-- A definition is valid on its days and never changed; only its end is set, once. The definitions of one
-- indicator do not overlap: the service looks, under a lock of its kind of service.
CREATE TABLE allocation.indicator (
    indicator_id  uuid PRIMARY KEY,
    service_type  text NOT NULL CHECK (service_type ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    code          text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    title_kk      text NOT NULL CHECK (length(title_kk) BETWEEN 1 AND 500),
    title_ru      text NOT NULL CHECK (length(title_ru) BETWEEN 1 AND 500),
    title_en      text NOT NULL CHECK (length(title_en) BETWEEN 1 AND 500),
    definition    text NOT NULL CHECK (length(definition) BETWEEN 1 AND 4000),
    unit          text NOT NULL CHECK (length(unit) BETWEEN 1 AND 50),
    source_system text NOT NULL CHECK (length(source_system) BETWEEN 1 AND 200),
    formula_ref   text NOT NULL CHECK (length(formula_ref) BETWEEN 1 AND 200), -- where order 170 says how
    scale         text NOT NULL CHECK (
        scale IN ('points', 'proportion', 'at_least', 'above', 'at_most', 'informational')
    ),
    target        numeric(18, 6), -- none where the scale has none (D38)
    max_points    numeric(18, 6), -- of the scale `points` alone
    weight        numeric(12, 6) NOT NULL CHECK (weight >= 0),
    valid_from    date NOT NULL,
    valid_to      date,
    set_at        timestamptz NOT NULL,
    set_by        text NOT NULL,
    UNIQUE (service_type, code, valid_from),
    CHECK (valid_to >= valid_from),
    CHECK ((scale = 'points') = (max_points IS NOT NULL)),
    CHECK (max_points > 0),
    CHECK ((scale IN ('proportion', 'at_least', 'above', 'at_most')) = (target IS NOT NULL)),
    CHECK (scale <> 'proportion' OR target > 0),
    CHECK ((scale = 'informational') = (weight = 0))
);

-- Null: the source says that the indicator does not apply to this executor. No row: not known.
CREATE TABLE allocation.indicator_value (
    executor_id  uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    service_type text NOT NULL,
    code         text NOT NULL,
    period       text NOT NULL CHECK (length(period) BETWEEN 1 AND 50),
    import_id    uuid NOT NULL REFERENCES allocation.indicator_import,
    value        numeric(18, 6),
    PRIMARY KEY (period, service_type, executor_id, code, import_id)
);

-- What a computed score is made of: the rating's import is the computation.
CREATE TABLE allocation.rating_part (
    import_id       uuid NOT NULL REFERENCES allocation.indicator_import,
    executor_id     uuid NOT NULL,
    service_type    text NOT NULL,
    indicator_id    uuid NOT NULL REFERENCES allocation.indicator,
    state           text NOT NULL CHECK (
        state IN ('COUNTED', 'MISSING', 'NOT_APPLICABLE', 'INFORMATIONAL')
    ),
    value           numeric(18, 6),
    value_import_id uuid REFERENCES allocation.indicator_import,
    attained        numeric(18, 6), -- 0..1, for people; the score is computed from exact fractions
    PRIMARY KEY (executor_id, service_type, import_id, indicator_id),
    FOREIGN KEY (executor_id, service_type, import_id)
        REFERENCES allocation.rating (executor_id, service_type, import_id),
    CHECK ((state = 'COUNTED') = (attained IS NOT NULL)),
    CHECK (attained BETWEEN 0 AND 1)
);

-- The other factors of 48 of the purchase rules (A); capacity stands in its own tables.
CREATE TABLE allocation.provider_factor (
    executor_id uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    kind        text NOT NULL CHECK (
        kind IN ('EXPERIENCE', 'MONITORING', 'COMPLAINTS', 'ACCREDITATION', 'ATTACHED')
    ),
    import_id   uuid NOT NULL REFERENCES allocation.indicator_import,
    value       bigint NOT NULL CHECK (value BETWEEN 0 AND 1000000000),
    note        text CHECK (length(note) BETWEEN 1 AND 1000),
    PRIMARY KEY (executor_id, kind, import_id)
);

CREATE TRIGGER indicator_value_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.indicator_value
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER rating_part_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.rating_part
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER provider_factor_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.provider_factor
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- The newest rating of each executor and kind of service.
CREATE VIEW allocation.rating_in_force WITH (security_invoker = true) AS
    SELECT DISTINCT ON (r.executor_id, r.service_type)
           r.executor_id, r.service_type, r.score_milli, r.accreditation_rank, r.no_history,
           r.import_id, i.imported_at, i.period, i.source_system, i.reference
      FROM allocation.rating r
      JOIN allocation.indicator_import i USING (import_id)
     ORDER BY r.executor_id, r.service_type, i.imported_at DESC, r.import_id DESC;

GRANT SELECT, INSERT ON allocation.indicator, allocation.indicator_value, allocation.rating_part,
                        allocation.provider_factor TO saqtau_allocation;
GRANT UPDATE (valid_to) ON allocation.indicator TO saqtau_allocation;
GRANT SELECT ON allocation.rating_in_force TO saqtau_allocation;
