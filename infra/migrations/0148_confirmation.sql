-- What outside systems say of an application (M 8(1), 8(3), D28): each answer with its age. The unknown
-- never passes: an application is accepted when nothing it needs is unknown or denied.

CREATE TABLE allocation.confirmation (
    application_id uuid NOT NULL REFERENCES allocation.application,
    kind           text NOT NULL CHECK (kind IN ('LICENCE', 'TAX')),
    place          integer NOT NULL CHECK (place >= 0), -- of the licence in the application, from 0
    status         text NOT NULL CHECK (status IN ('CONFIRMED', 'REFUTED', 'UNKNOWN')),
    reason         text CHECK (reason ~ '^[A-Z_]{1,40}$'),
    debt_tiyn      bigint CHECK (debt_tiyn >= 0),
    untimely       integer CHECK (untimely >= 0),
    as_of          timestamptz, -- of the record in the outside system
    asked_at       timestamptz NOT NULL,
    PRIMARY KEY (application_id, kind, place),
    CHECK ((status = 'UNKNOWN') = (as_of IS NULL)),
    CHECK ((debt_tiyn IS NOT NULL) = (kind = 'TAX' AND status = 'CONFIRMED')),
    CHECK ((untimely IS NULL) = (debt_tiyn IS NULL))
);
-- Evidence a reviewer took by hand while the system of permits was down (domain 7.1: "W, then M").
CREATE TABLE allocation.manual_confirmation (
    application_id uuid NOT NULL REFERENCES allocation.application,
    place          integer NOT NULL CHECK (place >= 0),
    document       jsonb NOT NULL,
    evidence_id    uuid NOT NULL REFERENCES signing.evidence,
    taken_at       timestamptz NOT NULL,
    PRIMARY KEY (application_id, place)
);
-- Data of M 8 that changed after the application was sent: entered within a working day (M 31).
CREATE TABLE allocation.application_change (
    application_id uuid NOT NULL REFERENCES allocation.application,
    no             integer NOT NULL CHECK (no >= 1),
    changed_on     date NOT NULL,
    contents       jsonb NOT NULL,
    evidence_id    uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    entered_at     timestamptz NOT NULL,
    PRIMARY KEY (application_id, no)
);
-- The other cases of 37-1(2) of the purchase rules, for ground G2 (M 10): the last entry of a code holds.
CREATE TABLE allocation.purchase_rule_entry (
    entry_id    uuid PRIMARY KEY,
    code        text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._()-]{0,63}$'),
    title_kk    text NOT NULL CHECK (title_kk <> ''),
    title_ru    text NOT NULL CHECK (title_ru <> ''),
    retired     boolean NOT NULL,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    entered_at  timestamptz NOT NULL
);
CREATE INDEX purchase_rule_entry_code ON allocation.purchase_rule_entry (code, entry_id DESC);
ALTER TABLE allocation.application ADD COLUMN ground_rule text CHECK (ground_rule IS NULL OR ground = 'G2');

CREATE TRIGGER manual_confirmation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.manual_confirmation FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER application_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.application_change FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER purchase_rule_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.purchase_rule_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON allocation.confirmation, allocation.manual_confirmation,
                        allocation.application_change, allocation.purchase_rule_entry
   TO saqtau_allocation;
GRANT UPDATE ON allocation.confirmation TO saqtau_allocation;
GRANT UPDATE (ground_rule) ON allocation.application TO saqtau_allocation;
