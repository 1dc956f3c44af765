-- registry: the life of accounts. Why an account is blocked, ground by ground, until each is lifted or
-- the account closes; what an organisation's data were before each change; which operation reverses
-- which; and what the state databases tell, each event once.

-- An account is BLOCKED while at least one of these stands (M §33). Personal, therefore partitioned.
CREATE TABLE registry.restriction (
    subject_id     uuid NOT NULL,
    restriction_id uuid NOT NULL,
    holder         text NOT NULL CHECK (holder IN ('PERSON', 'ORGANISATION')),
    ground         text NOT NULL CHECK (ground IN ('B1', 'B2', 'B3')),
    fact           text CHECK (fact IN ('DEATH', 'DECLARED_DEAD', 'INCAPABLE', 'LIMITED_CAPACITY',
                       'MISSING', 'LIQUIDATION')),
    basis_kind     text NOT NULL CHECK (basis_kind IN ('EVENT', 'REQUEST')),
    basis_id       text NOT NULL CHECK (basis_id <> '' AND strpos(basis_id, E'\n') = 0),
    basis          jsonb NOT NULL CHECK (jsonb_typeof(basis) = 'object'),
    article_98     text CHECK (article_98 <> ''),
    blocked_at     timestamptz NOT NULL,
    -- the thirtieth calendar day of a confirmed death (D12); NULL: the registrar alone closes
    close_due_at   timestamptz,
    -- when to try that next: later than due while acts are open; NULL with a run the brake holds
    close_next_at  timestamptz,
    close_run      uuid,
    lifted_at      timestamptz,
    closed_at      timestamptz,
    -- when the holder is to be told by SMS; NULL: he was, or nobody is there to be told
    notice_due_at  timestamptz,
    PRIMARY KEY (subject_id, restriction_id),
    CHECK ((ground = 'B1') = coalesce(fact IN
        ('DEATH', 'DECLARED_DEAD', 'INCAPABLE', 'LIMITED_CAPACITY', 'MISSING'), false)),
    CHECK ((ground = 'B2') = coalesce(fact = 'LIQUIDATION', false)),
    CHECK ((ground = 'B3') = (article_98 IS NOT NULL)),
    CHECK (close_due_at IS NULL OR fact IN ('DEATH', 'DECLARED_DEAD')),
    CHECK (close_due_at > blocked_at),
    CHECK (close_next_at IS NULL OR (close_next_at >= close_due_at AND close_run IS NULL)),
    CHECK (lifted_at IS NULL OR closed_at IS NULL)
) PARTITION BY HASH (subject_id);
-- The same fact blocks once; acts of state bodies are told apart by their numbers.
CREATE UNIQUE INDEX restriction_stands_once ON registry.restriction
    (subject_id, ground, coalesce(fact, basis_id)) WHERE lifted_at IS NULL AND closed_at IS NULL;
CREATE INDEX restriction_close_next ON registry.restriction (close_next_at)
    WHERE close_next_at IS NOT NULL AND lifted_at IS NULL AND closed_at IS NULL;
CREATE INDEX restriction_close_run ON registry.restriction (close_run) WHERE close_run IS NOT NULL;
CREATE INDEX restriction_notice_due ON registry.restriction (notice_due_at)
    WHERE notice_due_at IS NOT NULL;

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.restriction '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'restriction_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- A correction is a new operation that names the one it reverses (D2), and that can be done once.
CREATE TABLE registry.reversal (
    subject_id   uuid NOT NULL,
    reversed_seq bigint NOT NULL CHECK (reversed_seq >= 1),
    seq          bigint NOT NULL CHECK (seq > reversed_seq),
    PRIMARY KEY (subject_id, reversed_seq),
    FOREIGN KEY (subject_id, reversed_seq) REFERENCES registry.operation (subject_id, seq),
    FOREIGN KEY (subject_id, seq) REFERENCES registry.operation (subject_id, seq)
);
CREATE TRIGGER reversal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.reversal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- All data of an organisation after each change (M §27(2), §28(2), §31), its head among them: sealed.
-- An operation of the log names the versions before and after it.
CREATE TABLE registry.organisation_version (
    organisation_id uuid NOT NULL REFERENCES registry.organisation,
    version         integer NOT NULL CHECK (version >= 1),
    sealed          bytea NOT NULL,
    evidence_id     uuid NOT NULL REFERENCES signing.evidence,
    valid_since     timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, version)
);
CREATE TRIGGER organisation_version_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.organisation_version
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- How far each state database's journal is read (M §24: kept up to date).
CREATE TABLE registry.state_feed (
    source        text PRIMARY KEY CHECK (source IN ('gbd_fl', 'gbd_ul')),
    cursor        text,
    drained       boolean NOT NULL DEFAULT false,  -- nothing more stood behind the cursor
    answered_at   timestamptz,
    next_at       timestamptz NOT NULL,
    failures      integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    -- the nightly second look at events that wait: of which day, and how far
    reviewed_on   date,
    review_after  bigint NOT NULL DEFAULT 0
);
INSERT INTO registry.state_feed (source, next_at)
VALUES ('gbd_fl', '2026-03-06'), ('gbd_ul', '2026-03-06');

-- What they told: each event once, whatever comes twice, late or in disorder. Whose it is stands sealed.
CREATE TABLE registry.state_event (
    source          text NOT NULL REFERENCES registry.state_feed,
    event_id        uuid NOT NULL,
    place           bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    sealed          bytea NOT NULL,  -- the IIN or BIN, bound to event_id
    kind            text NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]*$'),
    happened_on     date NOT NULL,
    registered_at   timestamptz NOT NULL,
    document        jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    annuls          uuid,
    received_at     timestamptz NOT NULL,
    person_id       uuid,
    organisation_id uuid REFERENCES registry.organisation,
    outcome         text NOT NULL CHECK (outcome IN ('PENDING', 'READY', 'HELD', 'BLOCKED', 'NOTED',
                        'WAITING', 'UNCLEAR', 'ANNULLED', 'DISCARDED')),
    run_id          uuid,
    decided_at      timestamptz,
    PRIMARY KEY (source, event_id),
    CHECK (outcome NOT IN ('READY', 'HELD') OR run_id IS NOT NULL)
);
CREATE INDEX state_event_to_do ON registry.state_event (source, outcome, place)
    WHERE outcome IN ('PENDING', 'READY', 'HELD', 'WAITING', 'UNCLEAR');
CREATE INDEX state_event_run ON registry.state_event (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX state_event_annuls ON registry.state_event (source, annuls) WHERE annuls IS NOT NULL;

GRANT SELECT, INSERT ON registry.restriction, registry.reversal, registry.organisation_version,
    registry.state_event TO saqtau_registry;
GRANT UPDATE (close_due_at, close_next_at, close_run, lifted_at, closed_at, notice_due_at)
    ON registry.restriction TO saqtau_registry;
GRANT UPDATE (person_id, organisation_id, outcome, run_id, decided_at)
    ON registry.state_event TO saqtau_registry;
GRANT SELECT, UPDATE ON registry.state_feed TO saqtau_registry;
-- Why an account is blocked is told to its holder by the citizens' side: the ground, not the papers.
GRANT SELECT (subject_id, restriction_id, ground, fact, blocked_at, lifted_at, closed_at)
    ON registry.restriction TO saqtau_egov;
