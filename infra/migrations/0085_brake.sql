-- registry: the brake. A run of a feed that would block, close, detach or move too many at once stops
-- before anything is applied, stays whole, and asks an officer (FAULTS 22).

-- In a window no more than a share (thousandths) of a region, above a number that always passes.
-- Region '*': every region without a row of its own; '': persons of no known region, and organisations.
CREATE TABLE registry.brake_limit (
    kind        text NOT NULL CHECK (kind IN
                    ('DETACH', 'MOVE', 'BLOCK', 'CLOSE', 'BLOCK_EXECUTOR', 'CLOSE_EXECUTOR')),
    region      text NOT NULL,
    window_s    integer NOT NULL CHECK (window_s > 0),
    share_milli integer NOT NULL CHECK (share_milli BETWEEN 0 AND 1000),
    minimum     bigint NOT NULL CHECK (minimum >= 0),
    changed_at  timestamptz NOT NULL,
    evidence_id uuid REFERENCES signing.evidence,  -- NULL: as delivered
    PRIMARY KEY (kind, region, window_s)
);
INSERT INTO registry.brake_limit (kind, region, window_s, share_milli, minimum, changed_at) VALUES
    ('DETACH', '*', 86400, 50, 100, '2026-03-06'),
    ('DETACH', '*', 2592000, 150, 300, '2026-03-06'),
    ('MOVE', '*', 86400, 100, 200, '2026-03-06'),
    ('BLOCK', '*', 86400, 10, 50, '2026-03-06'),
    ('CLOSE', '*', 86400, 10, 50, '2026-03-06'),
    ('BLOCK_EXECUTOR', '*', 86400, 50, 5, '2026-03-06'),
    ('CLOSE_EXECUTOR', '*', 86400, 50, 5, '2026-03-06');

-- What passed unasked. What an officer released does not count: he took the answer upon himself.
CREATE TABLE registry.brake_passed (
    passed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL,
    region    text NOT NULL,
    at        timestamptz NOT NULL,
    run_id    uuid NOT NULL,
    count     bigint NOT NULL CHECK (count > 0)
);
CREATE INDEX brake_passed_window ON registry.brake_passed (kind, region, at) INCLUDE (count);

-- How many there are of a region, as last counted.
CREATE TABLE registry.brake_base (
    of         text NOT NULL CHECK (of IN ('ATTACHED', 'ACCOUNTS', 'EXECUTORS')),
    region     text NOT NULL,
    total      bigint NOT NULL CHECK (total >= 0),
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (of, region)
);

-- Runs that stopped. `sealed` is what they would have done, bound to hold_id; NULL where the feed keeps
-- it in its own tables.
CREATE TABLE registry.brake_hold (
    hold_id        uuid PRIMARY KEY,
    feed           text NOT NULL CHECK (feed <> ''),
    source         text NOT NULL CHECK (source <> ''),
    run_id         uuid NOT NULL,
    status         text NOT NULL CHECK (status IN ('HELD', 'RELEASED', 'APPLIED', 'DISCARDED')),
    kinds          text[] NOT NULL CHECK (cardinality(kinds) > 0),
    effects        jsonb NOT NULL CHECK (jsonb_typeof(effects) = 'array'),
    sha256         text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content_sha256 bytea NOT NULL CHECK (length(content_sha256) = 32),
    sealed         bytea,
    job            text NOT NULL CHECK (job <> ''),
    held_at        timestamptz NOT NULL,
    decided_at     timestamptz,
    decided_by     text,
    evidence_id    uuid REFERENCES signing.evidence,
    reason         text,
    applied_at     timestamptz,
    UNIQUE (feed, source, run_id),
    CHECK ((status = 'HELD') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (evidence_id IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (reason IS NULL)),
    CHECK ((status = 'APPLIED') = (applied_at IS NOT NULL))
);
CREATE INDEX brake_hold_waiting ON registry.brake_hold (hold_id) WHERE status = 'HELD';

-- A decision stands: a hold goes HELD, RELEASED, APPLIED or HELD, DISCARDED, and what it is never changes.
CREATE FUNCTION registry.brake_hold_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN
           (('HELD', 'RELEASED'), ('HELD', 'DISCARDED'), ('RELEASED', 'APPLIED'))
       OR (OLD.feed, OLD.source, OLD.run_id, OLD.kinds, OLD.effects, OLD.sha256, OLD.content_sha256,
           OLD.job, OLD.held_at)
          IS DISTINCT FROM
          (NEW.feed, NEW.source, NEW.run_id, NEW.kinds, NEW.effects, NEW.sha256, NEW.content_sha256,
           NEW.job, NEW.held_at)
       OR OLD.sealed IS DISTINCT FROM NEW.sealed
       OR (OLD.status <> 'HELD' AND (OLD.decided_at, OLD.decided_by, OLD.evidence_id, OLD.reason)
           IS DISTINCT FROM (NEW.decided_at, NEW.decided_by, NEW.evidence_id, NEW.reason))
    THEN
        RAISE EXCEPTION 'a held run is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER brake_hold_stands BEFORE UPDATE ON registry.brake_hold
    FOR EACH ROW EXECUTE FUNCTION registry.brake_hold_stands();
CREATE TRIGGER brake_hold_kept BEFORE DELETE OR TRUNCATE ON registry.brake_hold
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER brake_passed_append_only BEFORE UPDATE OR TRUNCATE ON registry.brake_passed
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON registry.brake_passed, registry.brake_hold TO saqtau_registry;
GRANT DELETE ON registry.brake_passed TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.brake_base TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE, DELETE ON registry.brake_limit TO saqtau_registry;
GRANT UPDATE (status, decided_at, decided_by, evidence_id, reason, applied_at)
    ON registry.brake_hold TO saqtau_registry;
