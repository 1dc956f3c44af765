-- payments: what the journal of permits records of executors' licences. The issuer reads it, and stops
-- payment on T1 with the decision he received (M §17(1)); nothing is decided by the journal alone.

CREATE TABLE payments.licence_feed (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    cursor   text,
    next_at  timestamptz NOT NULL,
    failures integer NOT NULL CHECK (failures >= 0)
);
INSERT INTO payments.licence_feed (next_at, failures) VALUES ('2026-03-06', 0);

-- Of organisations we know; who holds no account here is none of our business.
CREATE TABLE payments.licence_event (
    event_id      uuid PRIMARY KEY,
    executor_id   uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    kind          text NOT NULL CHECK (kind <> ''),
    happened_on   date NOT NULL,
    registered_at timestamptz NOT NULL,
    document      jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    annuls        uuid,
    received_at   timestamptz NOT NULL
);
CREATE INDEX licence_event_executor ON payments.licence_event (executor_id, received_at);
CREATE INDEX licence_event_received ON payments.licence_event (received_at, event_id);
CREATE INDEX licence_event_annuls ON payments.licence_event (annuls) WHERE annuls IS NOT NULL;
CREATE TRIGGER licence_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.licence_event FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON payments.licence_event TO saqtau_payments;
GRANT SELECT ON payments.licence_feed TO saqtau_payments;
GRANT UPDATE (cursor, next_at, failures) ON payments.licence_feed TO saqtau_payments;
