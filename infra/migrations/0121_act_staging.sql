-- Acts of 50,000 cases: their cases are staged by COPY in a table of the transaction and judged there
-- at once; what a row-by-row foreign key asked 50,000 times is asked once.

DO $$
BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO saqtau_payments', current_database());
END $$;

-- Inpatient stays: from admission to discharge, which is the day of the service.
ALTER TABLE payments.act_case
    ADD COLUMN admitted_on date CHECK (admitted_on <= service_date);

-- Lines about people the registry does not know, so that the report has every line of the act.
CREATE TABLE payments.act_stray_line (
    act_id            uuid NOT NULL REFERENCES payments.act,
    line_no           integer NOT NULL CHECK (line_no >= 1),
    service_record_id text NOT NULL,
    service_code      text NOT NULL,
    line_id           uuid NOT NULL,
    units             bigint NOT NULL,
    service_date      date NOT NULL,
    admitted_on       date,
    errors            text[] NOT NULL,
    PRIMARY KEY (act_id, line_no)
);
CREATE TRIGGER act_stray_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.act_stray_line
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON payments.act_stray_line TO saqtau_payments;

-- A person sleeps in one place: a night is billed once, by whatever executor (M §13). A day on which
-- he is moved from one to another is no night of both.
CREATE TABLE payments.stay_night_claim (
    person_id uuid NOT NULL,
    night     date NOT NULL,
    act_id    uuid NOT NULL,
    line_no   integer NOT NULL,
    PRIMARY KEY (person_id, night)
);
CREATE INDEX stay_night_claim_act ON payments.stay_night_claim (act_id);
GRANT SELECT, INSERT, DELETE ON payments.stay_night_claim TO saqtau_payments;

-- Persons and acts are never deleted (their accounts, and the triggers of the log, hold them), so
-- that asking at the insertion is enough.
CREATE FUNCTION payments.require_acts_known() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT act_id FROM added) a
          LEFT JOIN payments.act ON act.act_id = a.act_id
         WHERE act.act_id IS NULL
    ) THEN
        RAISE EXCEPTION 'there is no such act'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'act_known';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION payments.require_people_known() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT person_id FROM added) a
          LEFT JOIN registry.person p ON p.person_id = a.person_id
         WHERE p.person_id IS NULL
    ) THEN
        RAISE EXCEPTION 'there is no such person'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'person_known';
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE payments.act_case DROP CONSTRAINT act_case_person_id_fkey;
ALTER TABLE payments.act_case DROP CONSTRAINT act_case_act_id_fkey;
ALTER TABLE payments.service_record_claim DROP CONSTRAINT service_record_claim_act_id_fkey;
ALTER TABLE payments.service_content_claim DROP CONSTRAINT service_content_claim_act_id_fkey;
CREATE TRIGGER act_case_people_known AFTER INSERT ON payments.act_case
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.require_people_known();
CREATE TRIGGER act_case_act_known AFTER INSERT ON payments.act_case
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.require_acts_known();
CREATE TRIGGER service_record_claim_act_known AFTER INSERT ON payments.service_record_claim
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.require_acts_known();
CREATE TRIGGER service_content_claim_act_known AFTER INSERT ON payments.service_content_claim
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.require_acts_known();
CREATE TRIGGER stay_night_claim_act_known AFTER INSERT ON payments.stay_night_claim
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.require_acts_known();
