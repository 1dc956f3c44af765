-- kernel: every sweep says that it lives. One that has been silent for too long is an alarm (FAULTS 22).
CREATE TABLE kernel.heartbeat (
    name      text PRIMARY KEY CHECK (name <> ''),
    beat_at   timestamptz NOT NULL,
    failed_at timestamptz,           -- the last round that failed
    failures  bigint NOT NULL DEFAULT 0 CHECK (failures >= 0)
);
GRANT SELECT, INSERT, UPDATE ON kernel.heartbeat TO saqtau_registry;
GRANT SELECT ON kernel.heartbeat TO saqtau_signing;
