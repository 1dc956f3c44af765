-- One approval of the issuer's for all contracts of a decision, sealed by the server (M 12), and the
-- reminders to executors who have not signed (D7).

CREATE TABLE allocation.contract_sealing (
    decision_id     uuid PRIMARY KEY REFERENCES allocation.decision,
    evidence_id     uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    contracts       integer NOT NULL CHECK (contracts >= 1),
    contents_sha256 bytea NOT NULL CHECK (length(contents_sha256) = 32),
    approved_at     timestamptz NOT NULL,
    finished_at     timestamptz CHECK (finished_at >= approved_at)
);
CREATE TABLE allocation.contract_reminder (
    contract_id uuid PRIMARY KEY REFERENCES allocation.contract,
    at          timestamptz NOT NULL
);
CREATE TRIGGER contract_reminder_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.contract_reminder
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON allocation.contract_sealing, allocation.contract_reminder
   TO saqtau_allocation;
GRANT UPDATE (finished_at) ON allocation.contract_sealing TO saqtau_allocation;

CREATE INDEX contract_unsigned ON allocation.contract (issuer_signed_at) WHERE status = 'IN_SIGNING';
CREATE INDEX contract_in_force ON allocation.contract (valid_to) WHERE status = 'SIGNED';
