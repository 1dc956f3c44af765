-- visits: what else proves a visit, and that a citizen's own code belongs to the clinic that scans it first.

-- How far from the facility the phone said it was, and how sure it was of that; its place itself is not kept.
-- Evidence for monitoring, never a ground of refusal.
ALTER TABLE visits.visit
    ADD COLUMN distance_m integer CHECK (distance_m >= 0),
    ADD COLUMN accuracy_m integer CHECK (accuracy_m >= 0),
    ADD CONSTRAINT visit_place_told CHECK ((distance_m IS NULL) = (accuracy_m IS NULL));
GRANT SELECT (distance_m, accuracy_m) ON visits.visit TO saqtau_payments;

-- The first desk that scans a citizen's own code has it, whatever becomes of the visit (FAULTS 27). A code lives
-- a minute, so a scan is forgotten after a day; what made a visit stands in the visit.
CREATE TABLE visits.scanned_code (
    person_id   uuid NOT NULL REFERENCES registry.person,
    nonce       bytea NOT NULL CHECK (length(nonce) = 12),
    facility_id uuid NOT NULL REFERENCES registry.facility,
    at          timestamptz NOT NULL,
    PRIMARY KEY (person_id, nonce)
) PARTITION BY HASH (person_id);
CREATE INDEX scanned_code_at ON visits.scanned_code (at);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE visits.%I PARTITION OF visits.scanned_code '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'scanned_code_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;
GRANT SELECT, INSERT, DELETE ON visits.scanned_code TO saqtau_visits;

-- The sweep that revokes the codes of closed facilities asks for these alone.
CREATE INDEX facility_closed ON registry.facility (closed_on) WHERE closed_on IS NOT NULL;
