-- The ground floor: schemas, database roles by least power, events, legal terms, calendar,
-- idempotent answers. One schema per wing; a wing writes its own and reads down the house.

CREATE SCHEMA kernel;
CREATE SCHEMA jobs;
CREATE SCHEMA web;
CREATE SCHEMA signing;
CREATE SCHEMA registry;
CREATE SCHEMA visits;
CREATE SCHEMA allocation;
CREATE SCHEMA payments;
CREATE SCHEMA egov;

-- Roles are cluster-wide, databases many (one per test): create what is missing, grant anew.
DO $$
DECLARE
    wing text;
BEGIN
    PERFORM pg_advisory_xact_lock(7105203);
    FOREACH wing IN ARRAY ARRAY[
        'saqtau_signing', 'saqtau_registry', 'saqtau_visits', 'saqtau_allocation',
        'saqtau_payments', 'saqtau_egov', 'saqtau_public'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wing) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wing);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', wing);
    END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA kernel, web
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT USAGE ON SCHEMA jobs
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT USAGE ON SCHEMA signing
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT USAGE ON SCHEMA registry
   TO saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov, saqtau_public;
GRANT USAGE ON SCHEMA visits TO saqtau_visits, saqtau_payments, saqtau_egov;
GRANT USAGE ON SCHEMA allocation TO saqtau_allocation, saqtau_payments, saqtau_egov, saqtau_public;
GRANT USAGE ON SCHEMA payments TO saqtau_payments, saqtau_egov, saqtau_public;
GRANT USAGE ON SCHEMA egov TO saqtau_egov;

-- Facts in the past tense. Append-only: the trigger refuses what a grant forgot to.
CREATE FUNCTION kernel.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE kernel.event (
    event_id uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    kind     text NOT NULL CHECK (kind <> ''),
    subject  uuid NOT NULL,
    actor    text NOT NULL,
    payload  jsonb NOT NULL
);
CREATE INDEX event_subject ON kernel.event (subject, at);
CREATE INDEX event_kind ON kernel.event (kind, at);
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel.event
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- Who owes what by when (domain 3.19). A term is started once per subject and kept or breached.
CREATE TABLE kernel.term (
    code       text NOT NULL CHECK (code ~ '^d[0-9]{1,2}$'),
    subject    uuid NOT NULL,
    owner      text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    done_at    timestamptz,
    PRIMARY KEY (code, subject),
    CHECK (due_at > started_at),
    CHECK (done_at >= started_at)
);
CREATE INDEX term_open ON kernel.term (due_at) WHERE done_at IS NULL;

-- Days the registrar sets against the default calendar (domain 4.1), each with its source.
CREATE TABLE kernel.calendar_day (
    day    date PRIMARY KEY,
    kind   text NOT NULL CHECK (kind IN ('WORKING', 'DAY_OFF')),
    source text NOT NULL CHECK (source <> '')
);

-- The demo's clock. Production refuses to start while a row stands here.
CREATE TABLE kernel.simulated_clock (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    simulated_at timestamptz NOT NULL,
    set_at       timestamptz NOT NULL
);

-- Answers of commands that may be sent twice, byte for byte.
CREATE TABLE web.idempotent_answer (
    actor          text NOT NULL,
    key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
    started_at     timestamptz NOT NULL,
    status         smallint,
    headers        jsonb,
    body           bytea,
    PRIMARY KEY (actor, key),
    CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotent_answer_started ON web.idempotent_answer (started_at);

GRANT SELECT, INSERT ON kernel.event
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT SELECT, INSERT ON kernel.term
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT UPDATE (done_at, due_at) ON kernel.term
   TO saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT SELECT ON kernel.calendar_day, kernel.simulated_clock
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT INSERT, UPDATE, DELETE ON kernel.calendar_day TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE, DELETE ON web.idempotent_answer TO saqtau_signing;

-- The job queue: what PgQueuer 1.6.0 installs, in the schema `jobs` (docs/adr/0004-job-queue.md).
-- pgqueuer 1.6.0 -- prefix='' schema='jobs' durability=durable

CREATE TYPE jobs.pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE jobs.pgqueuer (
    id bigserial NOT NULL PRIMARY KEY,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    execute_after timestamp with time zone NOT NULL DEFAULT now(),
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer NOT NULL DEFAULT 0,
    slot bigint
);

CREATE TABLE jobs.pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT now(),
    job_id bigint NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE jobs.pgqueuer_schedules (
    id bigserial NOT NULL PRIMARY KEY,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    next_run timestamp with time zone NOT NULL DEFAULT now(),
    last_run timestamp with time zone,
    status jobs.pgqueuer_status DEFAULT 'queued'::jobs.pgqueuer_status,
    UNIQUE (expression, entrypoint)
);

CREATE TABLE jobs.pgqueuer_statistics (
    id bigserial NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT date_trunc('sec'::text, now()),
    count bigint NOT NULL,
    priority integer NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE INDEX pgqueuer_ep_ea_idx ON jobs.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON jobs.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON jobs.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON jobs.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON jobs.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON jobs.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON jobs.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON jobs.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::jobs.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON jobs.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON jobs.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON jobs.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON jobs.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::jobs.pgqueuer_status, 'picked'::jobs.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON jobs.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE FUNCTION jobs.fn_pgqueuer_changed() RETURNS TRIGGER AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER tg_pgqueuer_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON jobs.pgqueuer
EXECUTE FUNCTION jobs.fn_pgqueuer_changed();

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs
   TO saqtau_signing, saqtau_registry, saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
