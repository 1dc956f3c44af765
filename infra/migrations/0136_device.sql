-- visits: clinics without a network. A device keeps what it scans, signs it with its own Ed25519 key and counts
-- it without gaps; what it uploads later is counted once, and what is missing or repeated is named.

CREATE TABLE visits.device (
    device_id     uuid PRIMARY KEY,
    facility_id   uuid NOT NULL REFERENCES registry.facility,
    name          text NOT NULL CHECK (name <> ''),
    public_key    bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    registered_at timestamptz NOT NULL,
    revoked_at    timestamptz,
    CHECK (revoked_at >= registered_at)
);
CREATE INDEX device_of_facility ON visits.device (facility_id);

-- The bytes as they were signed. Codes in them name people by opaque ids alone.
CREATE TABLE visits.device_batch (
    batch_id        uuid PRIMARY KEY,
    device_id       uuid NOT NULL REFERENCES visits.device,
    document        bytea NOT NULL,
    document_sha256 bytea NOT NULL CHECK (document_sha256 = sha256(document)),
    signature       bytea NOT NULL CHECK (length(signature) = 64),
    received_at     timestamptz NOT NULL,
    UNIQUE (device_id, document_sha256)
);
-- What became of each counter, once and for ever.
CREATE TABLE visits.device_visit (
    device_id     uuid NOT NULL REFERENCES visits.device,
    counter       bigint NOT NULL CHECK (counter > 0),
    record_sha256 bytea NOT NULL CHECK (length(record_sha256) = 32),
    batch_id      uuid NOT NULL REFERENCES visits.device_batch,
    result        text NOT NULL CHECK (result <> ''),  -- COUNTED, or the code of the refusal
    visit_id      uuid UNIQUE,
    PRIMARY KEY (device_id, counter),
    CHECK ((result = 'COUNTED') = (visit_id IS NOT NULL))
);
CREATE TRIGGER device_batch_append_only BEFORE UPDATE OR DELETE ON visits.device_batch
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER device_visit_append_only BEFORE UPDATE OR DELETE ON visits.device_visit
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON visits.device, visits.device_batch, visits.device_visit TO saqtau_visits;
GRANT UPDATE (revoked_at) ON visits.device TO saqtau_visits;
-- Monitoring looks at visits that were told of later, and at what devices did not tell.
GRANT SELECT (device_id, counter, result, visit_id) ON visits.device_visit TO saqtau_payments;
GRANT SELECT (device_id, facility_id, registered_at, revoked_at) ON visits.device TO saqtau_payments;
