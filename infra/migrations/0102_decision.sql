-- allocation: the issuer's seal over a published decision, where a share's inputs came from, and what is
-- left of a plan announced again (domain 3.4, D21, D31).

-- A detached CMS over exactly the bytes of the bundle, made once the decision is public.
CREATE TABLE allocation.decision_seal (
    decision_id uuid PRIMARY KEY REFERENCES allocation.decision,
    cms         bytea NOT NULL CHECK (length(cms) > 0),
    sealed_at   timestamptz NOT NULL
);
CREATE TRIGGER decision_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.decision_seal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE INDEX decision_public ON allocation.decision (decision_id)
    WHERE status IN ('SIGNED', 'EXECUTED', 'FAILED');

-- A country's record is sixty megabytes, written once: squeezing it takes longer than writing it.
ALTER TABLE allocation.decision ALTER COLUMN bundle SET STORAGE EXTERNAL;

-- Which import or run gave the score and the capacity, how old, and whose capacity was counted.
ALTER TABLE allocation.share ADD COLUMN origin jsonb;

-- An announcement of what earlier ones of the plan left over.
CREATE TABLE allocation.residue_announcement (
    announcement_id uuid PRIMARY KEY REFERENCES allocation.announcement,
    evidence_id     uuid NOT NULL UNIQUE REFERENCES signing.evidence
);
CREATE TRIGGER residue_announcement_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation.residue_announcement
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON allocation.decision_seal, allocation.residue_announcement TO saqtau_allocation;
