-- Technical breaks of the registry (M 24, domain 3.17): announced, held or not, and what really happened.

CREATE TABLE registry.technical_break (
    break_id    uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('PLANNED', 'EMERGENCY')),
    starts_at   timestamptz NOT NULL,             -- as announced, and never changed
    ends_at     timestamptz NOT NULL,
    reason_kk   text NOT NULL CHECK (reason_kk <> ''),
    reason_ru   text NOT NULL CHECK (reason_ru <> ''),
    reason_en   text NOT NULL CHECK (reason_en <> ''),
    announced_at timestamptz NOT NULL,
    until_at    timestamptz NOT NULL,             -- when it is expected to end: may be put off
    began_at    timestamptz,                      -- as it really was
    ended_at    timestamptz,
    cancelled_at timestamptz,
    CHECK (ends_at > starts_at AND until_at >= ends_at),
    CHECK (kind = 'EMERGENCY' OR announced_at < starts_at),
    CHECK (began_at IS NULL OR cancelled_at IS NULL),
    CHECK (began_at >= starts_at),
    CHECK (ended_at >= began_at AND began_at IS NOT NULL OR ended_at IS NULL),
    -- two planned ones at once would promise two different ends
    CONSTRAINT technical_break_apart EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&)
        WHERE (kind = 'PLANNED' AND cancelled_at IS NULL)
);
-- The registry is in one break at a time; this is also what every changing command asks.
CREATE UNIQUE INDEX technical_break_running ON registry.technical_break ((true))
    WHERE began_at IS NOT NULL AND ended_at IS NULL;

-- Each step with the signature it rests on.
CREATE TABLE registry.technical_break_step (
    step_id     uuid PRIMARY KEY,
    break_id    uuid NOT NULL REFERENCES registry.technical_break,
    step        text NOT NULL CHECK (step IN ('ANNOUNCED', 'BEGUN', 'PUT_OFF', 'ENDED', 'CANCELLED')),
    at          timestamptz NOT NULL,
    until_at    timestamptz,
    actor       text NOT NULL,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    CHECK ((step = 'PUT_OFF') = (until_at IS NOT NULL))
);
CREATE INDEX technical_break_step_break ON registry.technical_break_step (break_id, step_id);

CREATE FUNCTION registry.keep_announced_break() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.break_id, OLD.kind, OLD.starts_at, OLD.ends_at, OLD.reason_kk, OLD.reason_ru, OLD.reason_en,
        OLD.announced_at)
       = (NEW.break_id, NEW.kind, NEW.starts_at, NEW.ends_at, NEW.reason_kk, NEW.reason_ru, NEW.reason_en,
          NEW.announced_at)
       AND NEW.until_at >= OLD.until_at
       AND (OLD.began_at IS NULL OR OLD.began_at = NEW.began_at)
       AND OLD.ended_at IS NULL AND OLD.cancelled_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a break stays as it was announced and as it happened'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER technical_break_kept BEFORE UPDATE ON registry.technical_break
    FOR EACH ROW EXECUTE FUNCTION registry.keep_announced_break();
CREATE TRIGGER technical_break_stays BEFORE DELETE OR TRUNCATE ON registry.technical_break
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER technical_break_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON registry.technical_break_step FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON registry.technical_break, registry.technical_break_step TO saqtau_registry;
GRANT UPDATE (until_at, began_at, ended_at, cancelled_at) ON registry.technical_break TO saqtau_registry;
