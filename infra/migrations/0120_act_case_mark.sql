-- What the insured say of the services billed in their names before these are paid: mine, or not mine.

CREATE TABLE payments.act_case_mark (
    person_id    uuid NOT NULL,
    case_id      uuid NOT NULL,
    seq          integer NOT NULL CHECK (seq >= 1),
    act_id       uuid NOT NULL REFERENCES payments.act,
    line_no      integer NOT NULL,
    mark         text NOT NULL CHECK (mark IN ('CONFIRMED', 'DISPUTED')),
    complaint_id uuid,
    marked_by    text NOT NULL CHECK (marked_by <> ''),
    marked_at    timestamptz NOT NULL,
    PRIMARY KEY (person_id, case_id, seq),
    FOREIGN KEY (person_id, case_id) REFERENCES payments.act_case (person_id, case_id),
    CHECK ((mark = 'DISPUTED') = (complaint_id IS NOT NULL))
) PARTITION BY HASH (person_id);
CREATE INDEX act_case_mark_act ON payments.act_case_mark (act_id, line_no, seq);

-- Marks of one case take turns, and none is made while its act is being paid or after it was. The
-- one that stands, said again, is not written twice.
CREATE FUNCTION payments.place_mark() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    last payments.act_case_mark;
    act_status text;
BEGIN
    SELECT c.act_id, c.line_no INTO STRICT NEW.act_id, NEW.line_no
      FROM payments.act_case c
     WHERE c.person_id = NEW.person_id AND c.case_id = NEW.case_id
       FOR NO KEY UPDATE;
    SELECT m.* INTO last
      FROM payments.act_case_mark m
     WHERE m.person_id = NEW.person_id AND m.case_id = NEW.case_id
     ORDER BY m.seq DESC
     LIMIT 1;
    IF (last.mark, last.complaint_id) IS NOT DISTINCT FROM (NEW.mark, NEW.complaint_id) THEN
        RETURN NULL;
    END IF;
    SELECT a.status INTO act_status FROM payments.act a WHERE a.act_id = NEW.act_id FOR SHARE;
    IF act_status NOT IN ('CHECK_PASSED', 'SIGNED_BY_ISSUER', 'INVOICED', 'IN_REGISTER') THEN
        RAISE EXCEPTION 'no line is marked of an act that is %', act_status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'act_case_mark_open', DETAIL = act_status;
    END IF;
    NEW.seq := coalesce(last.seq, 0) + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER act_case_mark_placed BEFORE INSERT ON payments.act_case_mark
    FOR EACH ROW EXECUTE FUNCTION payments.place_mark();
CREATE TRIGGER act_case_mark_append_only BEFORE UPDATE OR DELETE ON payments.act_case_mark
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE payments.%I PARTITION OF payments.act_case_mark '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'act_case_mark_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- The last word on each line.
CREATE VIEW payments.act_case_marked AS
SELECT DISTINCT ON (act_id, line_no)
       act_id, line_no, person_id, case_id, mark, complaint_id, marked_at
  FROM payments.act_case_mark
 ORDER BY act_id, line_no, seq DESC;

GRANT SELECT ON payments.act_case_mark, payments.act_case_marked TO saqtau_payments, saqtau_egov;
GRANT INSERT (person_id, case_id, mark, complaint_id, marked_by, marked_at)
   ON payments.act_case_mark TO saqtau_egov;
