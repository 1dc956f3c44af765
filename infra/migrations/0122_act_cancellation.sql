-- A cancelling act: by the executor alone before the issuer signs, by both after (domain 3.6).

CREATE TABLE payments.act_cancellation (
    act_id             uuid PRIMARY KEY REFERENCES payments.act,
    reason             text NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
    proposed_at        timestamptz NOT NULL,
    evidence_id        uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    issuer_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    cancelled_at       timestamptz CHECK (cancelled_at >= proposed_at),
    CHECK (issuer_evidence_id IS NULL OR cancelled_at IS NOT NULL)
);
CREATE INDEX act_cancellation_waiting ON payments.act_cancellation (proposed_at)
    WHERE cancelled_at IS NULL;

-- Once it is done it stays as it is.
CREATE FUNCTION payments.keep_cancellation() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'a cancellation is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER act_cancellation_kept BEFORE UPDATE OR DELETE ON payments.act_cancellation
    FOR EACH ROW EXECUTE FUNCTION payments.keep_cancellation();

GRANT SELECT, INSERT ON payments.act_cancellation TO saqtau_payments;
GRANT UPDATE (issuer_evidence_id, cancelled_at) ON payments.act_cancellation TO saqtau_payments;
