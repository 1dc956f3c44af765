-- registry, contribution files: what the State Corporation hands over once a day, taken whole or not at
-- all; rows that cannot be taken wait for an officer.

-- RECEIVING: pieces come. STAGING: whole; being read. WEIGHING: every row read, count, sums and hash are
-- those announced. HELD: it would take back too much, an officer is asked. APPLYING: in slices, each once.
CREATE TABLE registry.contribution_file (
    file_id       uuid PRIMARY KEY,
    source        text NOT NULL CHECK (source <> ''),
    name          text NOT NULL CHECK (name ~ '^[A-Za-z0-9._-]{1,100}$'),
    format        text NOT NULL CHECK (format IN ('csv', 'camt.053', 'camt.054')),
    channel       text NOT NULL CHECK (channel IN ('FETCHED', 'POSTED')),
    bytes         bigint NOT NULL CHECK (bytes > 0),
    sha256        bytea NOT NULL CHECK (length(sha256) = 32),
    status        text NOT NULL CHECK (status IN ('RECEIVING', 'STAGING', 'WEIGHING', 'HELD', 'APPLYING',
                                                  'DONE', 'REFUSED', 'DISCARDED')),
    received      bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND bytes),
    number        text,
    day           date,
    records       bigint,
    receipts_tiyn bigint,
    returns_tiyn  bigint,
    refused_code  text,
    refused_line  bigint,
    hold_id       uuid REFERENCES registry.brake_hold,
    applied_to    bigint NOT NULL DEFAULT 0,
    taken         bigint NOT NULL DEFAULT 0 CHECK (taken >= 0),
    repeated      bigint NOT NULL DEFAULT 0 CHECK (repeated >= 0),
    to_repair     bigint NOT NULL DEFAULT 0 CHECK (to_repair >= 0),
    created_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    UNIQUE (source, name),
    UNIQUE (source, sha256),
    CHECK ((status = 'REFUSED') = (refused_code IS NOT NULL)),
    CHECK (status NOT IN ('WEIGHING', 'HELD', 'APPLYING', 'DONE') OR records IS NOT NULL),
    CHECK (status <> 'DONE' OR taken + repeated + to_repair = records)
);
CREATE INDEX contribution_file_open ON registry.contribution_file (file_id)
    WHERE status NOT IN ('DONE', 'REFUSED', 'DISCARDED');

-- The file as it came, sealed; gone when it has been dealt with.
CREATE TABLE registry.contribution_piece (
    file_id uuid NOT NULL REFERENCES registry.contribution_file,
    start   bigint NOT NULL CHECK (start >= 0),
    sealed  bytea NOT NULL,
    PRIMARY KEY (file_id, start)
);

-- Its rows, read and judged, not yet applied. `sealed`: the row with its IIN, of rows that are at fault.
CREATE TABLE registry.contribution_stage (
    file_id      uuid NOT NULL REFERENCES registry.contribution_file,
    line         bigint NOT NULL CHECK (line >= 1),
    kind         text NOT NULL CHECK (kind IN ('RECEIPT', 'REFUND', 'REVERSAL')),
    ref          text NOT NULL CHECK (ref <> ''),
    day          date NOT NULL,
    amount_tiyn  bigint NOT NULL CHECK (amount_tiyn > 0),
    period       text,
    receipt_kind text,
    payer_bin    text,
    payer_kind   text,
    person_id    uuid,
    original_ref text,
    fault        text,
    key          bytea,
    sealed       bytea,
    PRIMARY KEY (file_id, line),
    CHECK ((fault IS NULL) = (sealed IS NULL)),
    CHECK (kind <> 'RECEIPT' OR fault IS NOT NULL OR person_id IS NOT NULL),
    CHECK ((kind = 'RECEIPT') = (original_ref IS NULL))
);

-- Every refund and reversal, by its own reference; WAITING: what it takes back has not come yet.
CREATE TABLE registry.refund_claim (
    ref          text PRIMARY KEY CHECK (ref <> ''),
    kind         text NOT NULL CHECK (kind IN ('REFUND', 'REVERSAL')),
    original_ref text NOT NULL CHECK (original_ref <> ''),
    amount_tiyn  bigint NOT NULL CHECK (amount_tiyn > 0),
    day          date NOT NULL,
    file_id      uuid NOT NULL REFERENCES registry.contribution_file,
    line         bigint NOT NULL,
    status       text NOT NULL CHECK (status IN ('WAITING', 'APPLIED', 'TO_REPAIR')),
    applied_at   timestamptz,
    CHECK ((status = 'APPLIED') = (applied_at IS NOT NULL))
);
CREATE INDEX refund_claim_waiting ON registry.refund_claim (original_ref) WHERE status = 'WAITING';

-- Rows that could not be taken. `key`: what makes a row the same, so that it waits once however often it
-- is sent. HEALED: it became right by itself; SUPERSEDED: the payment came again, right.
CREATE TABLE registry.contribution_repair (
    repair_id    uuid PRIMARY KEY,
    file_id      uuid NOT NULL REFERENCES registry.contribution_file,
    line         bigint NOT NULL,
    code         text NOT NULL CHECK (code <> ''),
    kind         text NOT NULL CHECK (kind IN ('RECEIPT', 'REFUND', 'REVERSAL')),
    ref          text NOT NULL,
    day          date NOT NULL,
    amount_tiyn  bigint NOT NULL CHECK (amount_tiyn > 0),
    key          bytea NOT NULL CHECK (length(key) = 32),
    sealed       bytea NOT NULL,
    status       text NOT NULL CHECK (status IN ('WAITING', 'FIXED', 'HEALED', 'SUPERSEDED', 'DISCARDED')),
    received_at  timestamptz NOT NULL,
    tried_at     timestamptz NOT NULL,
    closed_at    timestamptz,
    closed_by    text,
    reason       text,
    CHECK ((status = 'WAITING') = (closed_at IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK (status <> 'DISCARDED' OR reason <> '')
);
CREATE UNIQUE INDEX contribution_repair_once ON registry.contribution_repair (key) WHERE status = 'WAITING';
CREATE INDEX contribution_repair_file ON registry.contribution_repair (file_id);
CREATE INDEX contribution_repair_waiting ON registry.contribution_repair (repair_id) WHERE status = 'WAITING';
CREATE INDEX contribution_repair_tried ON registry.contribution_repair (tried_at) WHERE status = 'WAITING';
CREATE INDEX contribution_repair_ref ON registry.contribution_repair (ref) WHERE status = 'WAITING';

-- Who looked at, fixed or discarded what.
CREATE TABLE registry.contribution_repair_note (
    note_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repair_id uuid NOT NULL REFERENCES registry.contribution_repair,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    action    text NOT NULL CHECK (action IN ('READ', 'FIXED', 'HEALED', 'DISCARDED', 'REFUSED')),
    told      text NOT NULL
);
CREATE TRIGGER contribution_repair_note_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.contribution_repair_note
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- When the list of files was last asked for.
CREATE TABLE registry.contribution_asking (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    asked_at timestamptz NOT NULL
);
INSERT INTO registry.contribution_asking (asked_at) VALUES ('-infinity');

-- The brake learns a kind: persons whose payments a file would take back.
ALTER TABLE registry.brake_limit DROP CONSTRAINT brake_limit_kind_check;
ALTER TABLE registry.brake_limit ADD CONSTRAINT brake_limit_kind_check CHECK (kind IN
    ('DETACH', 'MOVE', 'BLOCK', 'CLOSE', 'BLOCK_EXECUTOR', 'CLOSE_EXECUTOR', 'TAKE_BACK'));
INSERT INTO registry.brake_limit (kind, region, window_s, share_milli, minimum, changed_at) VALUES
    ('TAKE_BACK', '*', 86400, 20, 100, '2026-03-06');

GRANT SELECT, INSERT, UPDATE ON registry.contribution_file, registry.refund_claim,
    registry.contribution_repair TO saqtau_registry;
GRANT SELECT, UPDATE ON registry.contribution_asking TO saqtau_registry;
GRANT SELECT, INSERT, DELETE ON registry.contribution_piece, registry.contribution_stage TO saqtau_registry;
GRANT SELECT, INSERT ON registry.contribution_repair_note TO saqtau_registry;
