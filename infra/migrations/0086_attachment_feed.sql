-- registry: attachments and staff as facts that may come late, twice and in any order; files of millions
-- of rows taken in pieces; what cannot be taken waits to be repaired; who has to be attached anew.

-- --- attachments -------------------------------------------------------------------------------

-- What sources told, for ever. The attachment is worked out of it: the last `since` holds, then the
-- last `seq` of the source, then the rest in byte order, so that it never depends on what came first.
-- facility_id NULL: detached from that executor. Rows were joined with the facility when they were
-- taken, and facilities are never deleted: a foreign key would cost as much as the row.
CREATE TABLE registry.attachment_fact (
    person_id   uuid NOT NULL,
    since       date NOT NULL,
    seq         bigint NOT NULL CHECK (seq >= 0),
    source      text NOT NULL COLLATE "C" CHECK (source <> ''),
    executor_id uuid NOT NULL,
    facility_id uuid,
    run_id      uuid NOT NULL,
    told_at     timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (person_id, since, seq, source, executor_id, facility_id)
) PARTITION BY HASH (person_id);

-- Leavings are few and looked for often.
CREATE INDEX attachment_fact_left
    ON registry.attachment_fact (person_id, executor_id, since, seq, source)
    WHERE facility_id IS NULL;

-- Who is attached where he can no longer be served: he is listed, and stays attached until his MIS or
-- he himself chooses anew. Nobody is detached in silence.
CREATE TABLE registry.reattachment (
    person_id   uuid NOT NULL,
    found_at    timestamptz NOT NULL,
    executor_id uuid NOT NULL,
    facility_id uuid NOT NULL,
    reason      text NOT NULL
                CHECK (reason IN ('EXECUTOR_BLOCKED', 'EXECUTOR_CLOSED', 'FACILITY_CLOSED')),
    resolved_at timestamptz CHECK (resolved_at >= found_at),
    PRIMARY KEY (person_id, found_at)
) PARTITION BY HASH (person_id);

DO $$
DECLARE
    parent text;
    part   integer;
BEGIN
    FOREACH parent IN ARRAY ARRAY['attachment_fact', 'reattachment'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'CREATE TABLE registry.%I PARTITION OF registry.%I '
                'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                parent || '_p' || lpad(part::text, 2, '0'), parent, part
            );
        END LOOP;
    END LOOP;
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TRIGGER attachment_fact_kept BEFORE TRUNCATE ON registry.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()',
            'attachment_fact_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END $$;
CREATE TRIGGER attachment_fact_append_only BEFORE UPDATE OR DELETE ON registry.attachment_fact
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER attachment_fact_kept BEFORE TRUNCATE ON registry.attachment_fact
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE UNIQUE INDEX reattachment_live ON registry.reattachment (person_id)
    WHERE resolved_at IS NULL;
CREATE INDEX reattachment_of ON registry.reattachment (executor_id, reason, person_id)
    WHERE resolved_at IS NULL;

-- A facility where care is given no more; its people are listed above.
ALTER TABLE registry.facility ADD COLUMN closed_on date;

-- --- staff -------------------------------------------------------------------------------------

-- As attachments: the last `since` holds, then the last `seq`, then the rest in byte order. The worker
-- himself is found by keyed hash in registry.worker.
CREATE TABLE registry.worker_fact (
    worker_id  uuid NOT NULL REFERENCES registry.worker,
    since      date NOT NULL,
    seq        bigint NOT NULL CHECK (seq >= 0),
    source     text NOT NULL COLLATE "C" CHECK (source <> ''),
    speciality text NOT NULL COLLATE "C" CHECK (speciality <> ''),
    active     boolean NOT NULL,
    run_id     uuid NOT NULL,
    told_at    timestamptz NOT NULL,
    PRIMARY KEY (worker_id, since, seq, source, speciality, active)
);
CREATE TRIGGER worker_fact_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.worker_fact
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- --- files, taken in pieces --------------------------------------------------------------------

CREATE TABLE registry.upload (
    upload_id   uuid PRIMARY KEY,
    source      text NOT NULL CHECK (source <> ''),
    actor       text NOT NULL CHECK (actor <> ''),
    format      text NOT NULL CHECK (format IN ('ndjson', 'csv')),
    bytes       bigint NOT NULL CHECK (bytes > 0),
    crc32       bigint NOT NULL CHECK (crc32 BETWEEN 0 AND 4294967295),
    status      text NOT NULL CHECK (status IN
                    ('RECEIVING', 'WEIGHING', 'HELD', 'APPLYING', 'DONE', 'DISCARDED', 'CORRUPT',
                     'ABANDONED')),
    -- how far the file has come: whole lines only, so that no row is ever kept half
    received    bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND bytes),
    sum         bigint NOT NULL DEFAULT 0,
    lines       bigint NOT NULL DEFAULT 0 CHECK (lines >= 0),
    columns     text[],
    staged      bigint NOT NULL DEFAULT 0 CHECK (staged >= 0),
    refused     bigint NOT NULL DEFAULT 0 CHECK (refused >= 0),
    -- how far it is weighed or applied, in the order of persons and lines
    after       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    after_line  bigint NOT NULL DEFAULT 0,
    effects     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(effects) = 'array'),
    recorded    bigint NOT NULL DEFAULT 0 CHECK (recorded >= 0),
    repeated    bigint NOT NULL DEFAULT 0 CHECK (repeated >= 0),
    changed     bigint NOT NULL DEFAULT 0 CHECK (changed >= 0),
    hold_id     uuid REFERENCES registry.brake_hold,
    created_at  timestamptz NOT NULL,
    received_at timestamptz,
    finished_at timestamptz,
    CHECK ((status IN ('RECEIVING', 'ABANDONED')) = (received_at IS NULL)),
    CHECK ((status IN ('DONE', 'DISCARDED', 'CORRUPT', 'ABANDONED')) = (finished_at IS NOT NULL)),
    CHECK (status <> 'HELD' OR hold_id IS NOT NULL)
);
CREATE INDEX upload_unfinished ON registry.upload (upload_id) WHERE finished_at IS NULL;

-- Rows of a file until they are applied: applying takes them out in the same transaction.
CREATE TABLE registry.upload_row (
    upload_id   uuid NOT NULL,
    person_id   uuid NOT NULL,
    line        bigint NOT NULL,
    since       date NOT NULL,
    seq         bigint NOT NULL,
    executor_id uuid NOT NULL,
    facility_id uuid,
    PRIMARY KEY (upload_id, person_id, line)
);

-- --- what could not be taken -------------------------------------------------------------------

-- A row that names a person, executor or facility nobody knows yet, or a day that has not come, is tried
-- again by itself; one that is wrong in itself waits until its source tells it right. The IIN lies sealed,
-- bound to repair_id; `place` is the row's place in its batch, or its line in the file.
CREATE TABLE registry.repair (
    repair_id   uuid PRIMARY KEY,
    feed        text NOT NULL CHECK (feed IN ('attachments', 'staff')),
    source      text NOT NULL CHECK (source <> ''),
    run_id      uuid NOT NULL,
    place       bigint NOT NULL CHECK (place >= 0),
    code        text NOT NULL CHECK (code <> ''),
    path        text NOT NULL,
    sealed      bytea,
    content     jsonb CHECK (jsonb_typeof(content) = 'object'),  -- without the person
    key         bytea NOT NULL CHECK (length(key) = 32),
    status      text NOT NULL CHECK (status IN ('WAITING', 'TAKEN', 'DROPPED')),
    received_at timestamptz NOT NULL,
    tried_at    timestamptz NOT NULL,
    closed_at   timestamptz,
    closed_by   text,
    CHECK ((status = 'WAITING') = (closed_at IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((sealed IS NULL) = (content IS NULL))
);
-- The same row waits once, however often it is sent.
CREATE UNIQUE INDEX repair_waits_once ON registry.repair (feed, key) WHERE status = 'WAITING';
CREATE INDEX repair_waiting ON registry.repair (feed, repair_id) WHERE status = 'WAITING';
CREATE INDEX repair_run ON registry.repair (run_id, place);

-- --- every night -------------------------------------------------------------------------------

-- What depends on attachments is looked over once a legal day: so far in the order of persons.
CREATE TABLE registry.reevaluation (
    day         date PRIMARY KEY,
    after       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    persons     bigint NOT NULL DEFAULT 0,
    opened      bigint NOT NULL DEFAULT 0,
    moved       bigint NOT NULL DEFAULT 0,
    listed      bigint NOT NULL DEFAULT 0,
    resolved    bigint NOT NULL DEFAULT 0,
    repaired    bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
);

GRANT SELECT, INSERT ON registry.attachment_fact, registry.worker_fact TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.reattachment, registry.upload, registry.repair,
    registry.reevaluation TO saqtau_registry;
GRANT SELECT, INSERT, DELETE ON registry.upload_row TO saqtau_registry;
-- who is detached has no attachment; that he had one stands in the facts and in the log
GRANT DELETE ON registry.attachment TO saqtau_registry;
