-- A register that the head has not signed may be dissolved by a signed decision: its acts wait for another one.
-- It stays with its rows and its number; nothing of it was ever ordered or paid.

ALTER TABLE payments.acts_register
    ADD COLUMN dissolved_at            timestamptz,
    ADD COLUMN dissolution_reason      text CHECK (length(dissolution_reason) BETWEEN 1 AND 4000),
    ADD COLUMN dissolution_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    DROP CONSTRAINT acts_register_status_check,
    ADD CONSTRAINT acts_register_status_check
        CHECK (status IN ('FORMED', 'SIGNED', 'SENT', 'DISSOLVED')),
    DROP CONSTRAINT acts_register_check1,
    ADD CONSTRAINT acts_register_signed
        CHECK ((status IN ('FORMED', 'DISSOLVED')) = (signed_at IS NULL)),
    ADD CONSTRAINT acts_register_dissolved CHECK (
        (status = 'DISSOLVED') = (dissolved_at IS NOT NULL)
        AND (dissolved_at IS NULL) = (dissolution_reason IS NULL)
        AND (dissolved_at IS NULL) = (dissolution_evidence_id IS NULL)
        AND dissolved_at >= formed_at
    );
GRANT UPDATE (dissolved_at, dissolution_reason, dissolution_evidence_id) ON payments.acts_register
   TO saqtau_payments;

-- A register moves forward only, and none is ever removed: its number is not used again.
CREATE FUNCTION payments.require_register_move() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a register is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('FORMED', 'SIGNED'), ('SIGNED', 'SENT'), ('FORMED', 'DISSOLVED')
    ) THEN
        RAISE EXCEPTION 'a register does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'acts_register_move';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER acts_register_move BEFORE UPDATE OR DELETE ON payments.acts_register
    FOR EACH ROW EXECUTE FUNCTION payments.require_register_move();
