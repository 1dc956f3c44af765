-- egov: what people chose to be told in the bot's chat, and each notice, told once.

-- When something of the instant `at` may be told: not in the quiet hours (minutes of Kazakhstan's day,
-- to the last excluded; they may run over midnight; NULL: there are none).
CREATE FUNCTION egov.after_quiet(at timestamptz, quiet_from smallint, quiet_to smallint)
RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN quiet_from IS NULL OR NOT CASE
            WHEN quiet_from <= quiet_to THEN minute >= quiet_from AND minute < quiet_to
            ELSE minute >= quiet_from OR minute < quiet_to END
        THEN at
        ELSE (day + (minute >= quiet_to)::integer + make_interval(mins => quiet_to))
             AT TIME ZONE INTERVAL '5 hours' END
      FROM (SELECT local::date AS day,
                   extract(hour FROM local)::integer * 60 + extract(minute FROM local)::integer AS minute
              FROM (SELECT at AT TIME ZONE INTERVAL '5 hours' AS local) AS shifted) AS split
$$;

-- A chat, by the keyed hash of its number, belongs to one person, and a person has one.
CREATE TABLE egov.notice_chat (
    chat_hash   bytea PRIMARY KEY CHECK (length(chat_hash) = 32),
    person_id   uuid NOT NULL UNIQUE REFERENCES registry.person,
    sealed      bytea NOT NULL,                                 -- the chat's number
    language    text NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    topics      text[] NOT NULL CHECK (topics <> '{}' AND topics <@ ARRAY[
        'POLICY_ISSUED', 'SERVICE_BILLED', 'COMPLAINT_ANSWERED', 'STATUS_LAPSING'
    ]),
    quiet_from  smallint CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_to    smallint CHECK (quiet_to BETWEEN 0 AND 1439),
    chosen_at   timestamptz NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CHECK (quiet_from <> quiet_to)
);

-- A notice: what is told has a key, and nothing is told twice. UNSURE: the bot died while telling it,
-- and it is not told again; it stays readable in the person's list.
CREATE TABLE egov.notice (
    person_id   uuid NOT NULL REFERENCES registry.person,
    notice_id   uuid NOT NULL,
    notice_key  text NOT NULL CHECK (notice_key <> ''),
    topic       text NOT NULL CHECK (topic IN (
        'POLICY_ISSUED', 'SERVICE_BILLED', 'COMPLAINT_ANSWERED', 'STATUS_LAPSING')),
    facts       jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
    state       text NOT NULL DEFAULT 'DUE'
        CHECK (state IN ('DUE', 'CLAIMED', 'SENT', 'UNSURE', 'BLOCKED')),
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    claim_id    uuid,
    claimed_at  timestamptz,
    PRIMARY KEY (person_id, notice_id),
    UNIQUE (person_id, notice_key),
    CHECK ((claim_id IS NULL) = (state = 'DUE')),
    CHECK ((claim_id IS NULL) = (claimed_at IS NULL))
) PARTITION BY HASH (person_id);
CREATE INDEX notice_due ON egov.notice (due_at) WHERE state = 'DUE';
CREATE INDEX notice_claim ON egov.notice (claim_id) WHERE claim_id IS NOT NULL;
CREATE INDEX notice_claimed ON egov.notice (claimed_at) WHERE state = 'CLAIMED';
CREATE INDEX notice_created ON egov.notice USING brin (created_at);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE egov.%I PARTITION OF egov.notice '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'notice_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- The legal days on which it was looked whose status is about to lapse.
CREATE TABLE egov.notice_day (
    day date PRIMARY KEY
);

GRANT SELECT, INSERT, UPDATE, DELETE ON egov.notice_chat TO saqtau_egov;
GRANT SELECT, INSERT, DELETE ON egov.notice TO saqtau_egov;
GRANT UPDATE (state, due_at, claim_id, claimed_at) ON egov.notice TO saqtau_egov;
GRANT SELECT, INSERT, DELETE ON egov.notice_day TO saqtau_egov;
