-- Changes of a plan in force (P 18-20, domain 6.4): drafted, sent to the ministry, agreed or left
-- without remarks for ten working days, applied. A plan's lines keep the figures they were approved
-- with; what holds now is the line and its applied changes, in the views below.

CREATE TABLE allocation.plan_change (
    change_id            uuid PRIMARY KEY,
    plan_id              uuid NOT NULL REFERENCES allocation.plan,
    no                   integer NOT NULL CHECK (no >= 1),
    grounds              integer[] NOT NULL CHECK (cardinality(grounds) >= 1
                             AND grounds <@ ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    route                text NOT NULL CHECK (route IN ('AGREEMENT', 'SILENCE')),
    status               text NOT NULL CHECK (
        status IN ('SENT_TO_MOH', 'AGREED', 'REMARKS', 'APPLIED', 'WITHDRAWN')
    ),
    justification        text NOT NULL CHECK (justification <> ''),
    gvfmc_limit_tiyn     bigint CHECK (gvfmc_limit_tiyn BETWEEN 0 AND 1000000000000000000),
    mhi_limit_tiyn       bigint CHECK (mhi_limit_tiyn BETWEEN 0 AND 1000000000000000000),
    evidence_id          uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    sent_at              timestamptz NOT NULL,
    silence_ends_at      timestamptz, -- the last instant for remarks (d16); none on the other route
    answer_evidence_id   uuid UNIQUE REFERENCES signing.evidence,
    answered_at          timestamptz,
    remarks              text,
    ended_evidence_id    uuid UNIQUE REFERENCES signing.evidence, -- of the application or withdrawal
    ended_at             timestamptz,
    UNIQUE (plan_id, no),
    CHECK ((route = 'SILENCE') = (silence_ends_at IS NOT NULL)),
    CHECK ((answered_at IS NULL) = (answer_evidence_id IS NULL)),
    CHECK ((status = 'REMARKS') <= (remarks IS NOT NULL)),
    CHECK (status NOT IN ('AGREED', 'REMARKS') OR answered_at IS NOT NULL),
    CHECK ((status IN ('APPLIED', 'WITHDRAWN')) = (ended_at IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_evidence_id IS NULL))
);
-- What is asked: units of a line set anew, a line added, a line followed by one with another tariff.
CREATE TABLE allocation.plan_change_edit (
    change_id     uuid NOT NULL REFERENCES allocation.plan_change,
    place         integer NOT NULL CHECK (place >= 1),
    kind          text NOT NULL CHECK (kind IN ('UNITS', 'ADD', 'REPLACE')),
    code          text NOT NULL, -- of the line in the plan; of the new line for ADD
    planned_units bigint NOT NULL CHECK (planned_units BETWEEN 0 AND 1000000000000000000),
    line          jsonb, -- the whole new line, for ADD
    new_code      text,
    tariff_tiyn   bigint CHECK (tariff_tiyn BETWEEN 1 AND 1000000000000000000),
    PRIMARY KEY (change_id, place),
    CHECK ((kind = 'ADD') = (line IS NOT NULL)),
    CHECK ((kind = 'REPLACE') = (new_code IS NOT NULL)),
    CHECK ((kind = 'REPLACE') = (tariff_tiyn IS NOT NULL))
);
-- What an applied change did to lines that were there.
CREATE TABLE allocation.plan_line_change (
    change_id    uuid NOT NULL REFERENCES allocation.plan_change,
    line_id      uuid NOT NULL REFERENCES allocation.plan_line,
    units_before bigint NOT NULL CHECK (units_before >= 0),
    units_after  bigint NOT NULL CHECK (units_after BETWEEN 0 AND 1000000000000000000),
    amount_before bigint NOT NULL CHECK (amount_before >= 0),
    amount_after bigint NOT NULL CHECK (amount_after BETWEEN 0 AND 1000000000000000000),
    no           integer NOT NULL CHECK (no >= 1), -- its place among the changes of the line
    PRIMARY KEY (line_id, no),
    UNIQUE (change_id, line_id)
);
CREATE TRIGGER plan_change_edit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.plan_change_edit FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER plan_line_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.plan_line_change FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- A line that follows another with a new tariff stands for the same services.
ALTER TABLE allocation.plan_line
    ADD COLUMN added_by uuid REFERENCES allocation.plan_change,
    ADD COLUMN replaces uuid UNIQUE REFERENCES allocation.plan_line;
DO $$
DECLARE
    found text;
BEGIN
    SELECT conname INTO STRICT found FROM pg_constraint
     WHERE conrelid = 'allocation.plan_line'::regclass AND contype = 'u'
       AND array_length(conkey, 1) = 5;
    EXECUTE format('ALTER TABLE allocation.plan_line DROP CONSTRAINT %I', found);
END $$;
CREATE UNIQUE INDEX plan_line_once
    ON allocation.plan_line (plan_id, source, region, care_form, service_type) WHERE replaces IS NULL;

-- An amended plan is in force.
DROP INDEX allocation.plan_in_force;
CREATE UNIQUE INDEX plan_in_force ON allocation.plan (year) WHERE status IN ('PUBLISHED', 'AMENDED');

CREATE VIEW allocation.plan_line_now AS
SELECT l.line_id, l.plan_id, l.code, l.source, l.region, l.service_type, l.care_form, l.title_kk,
       l.title_ru, l.unit, coalesce(c.units_after, l.planned_units) AS planned_units,
       l.tariff_tiyn, coalesce(c.amount_after, l.amount_tiyn) AS amount_tiyn, l.base_kind,
       l.payment_method, l.lot, l.phc_full, l.v_max_percent
  FROM allocation.plan_line l
  LEFT JOIN LATERAL (
    SELECT units_after, amount_after FROM allocation.plan_line_change
     WHERE line_id = l.line_id ORDER BY no DESC LIMIT 1
  ) c ON true;
CREATE VIEW allocation.financing_limit_now AS
SELECT f.plan_id, f.source, coalesce((
        SELECT CASE f.source WHEN 'gvfmc' THEN c.gvfmc_limit_tiyn ELSE c.mhi_limit_tiyn END
          FROM allocation.plan_change c
         WHERE c.plan_id = f.plan_id AND c.status = 'APPLIED'
           AND CASE f.source WHEN 'gvfmc' THEN c.gvfmc_limit_tiyn ELSE c.mhi_limit_tiyn END IS NOT NULL
         ORDER BY c.ended_at DESC, c.no DESC
         LIMIT 1), f.limit_tiyn) AS limit_tiyn
  FROM allocation.financing_limit f;

GRANT SELECT, INSERT ON allocation.plan_change, allocation.plan_change_edit,
                        allocation.plan_line_change TO saqtau_allocation;
GRANT UPDATE (status, answer_evidence_id, answered_at, remarks, ended_evidence_id, ended_at)
   ON allocation.plan_change TO saqtau_allocation;
GRANT SELECT ON allocation.plan_line_now, allocation.financing_limit_now
   TO saqtau_allocation, saqtau_payments, saqtau_egov, saqtau_public;
GRANT SELECT ON allocation.plan_line_change TO saqtau_payments;
