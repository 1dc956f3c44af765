-- The ledger counted anew, hour by hour; what was found stays.
CREATE TABLE payments.ledger_proof (
    proof_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    proved_at timestamptz NOT NULL,
    ok        boolean NOT NULL,
    result    jsonb NOT NULL
);
CREATE TRIGGER ledger_proof_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.ledger_proof
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON payments.ledger_proof TO saqtau_payments;
