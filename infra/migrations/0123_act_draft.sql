-- Acts formed on the portal (M §4(3), §13): services as a MIS recorded them, and the drafts made of them.

-- The record of a source with the highest number holds. Whose it is and who gave it lies sealed.
CREATE TABLE payments.service_record (
    executor_id  uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    record_id    text NOT NULL CHECK (record_id ~ '^[!-~]{1,64}$'),
    seq          bigint NOT NULL CHECK (seq >= 0),
    line_id      uuid NOT NULL,
    service_date date NOT NULL,
    withdrawn    boolean NOT NULL,
    sealed       bytea NOT NULL,
    fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 32),
    source       text NOT NULL CHECK (source <> ''),
    told_at      timestamptz NOT NULL,
    PRIMARY KEY (executor_id, record_id)
);
CREATE INDEX service_record_to_bill
    ON payments.service_record (executor_id, line_id, service_date, record_id) WHERE NOT withdrawn;

-- The document is kept until it is signed; then it stands with its proof.
CREATE TABLE payments.act_draft (
    draft_id        uuid PRIMARY KEY,
    contract_id     uuid NOT NULL REFERENCES allocation.contract,
    executor_id     uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    number          text NOT NULL CHECK (number ~ '^\S(.{0,62}\S)?$'),
    period_from     date NOT NULL,
    period_to       date NOT NULL CHECK (period_to >= period_from),
    status          text NOT NULL CHECK (status IN ('DRAFT', 'SUBMITTED', 'REPLACED')),
    cases           integer NOT NULL CHECK (cases >= 1),
    more            boolean NOT NULL,
    content_sha256  bytea NOT NULL CHECK (length(content_sha256) = 32),
    document_sealed bytea,
    formed_by       text NOT NULL CHECK (formed_by <> ''),
    formed_at       timestamptz NOT NULL,
    act_id          uuid UNIQUE REFERENCES payments.act,
    CHECK ((status = 'DRAFT') = (document_sealed IS NOT NULL)),
    CHECK ((status = 'SUBMITTED') = (act_id IS NOT NULL))
);
CREATE UNIQUE INDEX act_draft_live ON payments.act_draft (contract_id, number)
    WHERE status = 'DRAFT';

GRANT SELECT, INSERT ON payments.service_record, payments.act_draft TO saqtau_payments;
GRANT UPDATE (seq, line_id, service_date, withdrawn, sealed, fingerprint, source, told_at)
   ON payments.service_record TO saqtau_payments;
GRANT UPDATE (status, document_sealed, act_id) ON payments.act_draft TO saqtau_payments;
