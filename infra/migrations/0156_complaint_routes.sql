-- egov: the routes of M §53 (domain 3.16). K1 to the issuer's head, K2 to the body that controls the quality of
-- state services, K3 against an act of the issuer: forwarded with the administrative file within three
-- working days, unless it is satisfied fully before. Files that a citizen adds lie sealed beside the text.
ALTER TABLE egov.complaint
    ADD COLUMN route               text NOT NULL DEFAULT 'K1' CHECK (route IN ('K1', 'K2', 'K3')),
    ADD COLUMN confirmed           boolean,
    ADD COLUMN forwarded_at        timestamptz,
    ADD COLUMN forwarded_to        text CHECK (forwarded_to IN ('QUALITY_BODY', 'SUPERIOR_BODY')),
    ADD COLUMN forward_evidence_id uuid REFERENCES signing.evidence,
    ADD COLUMN forward_number      text CHECK (length(forward_number) BETWEEN 1 AND 100),
    ADD COLUMN file_sha256         bytea CHECK (length(file_sha256) = 32),
    ADD COLUMN decided_by          text CHECK (decided_by IN ('ISSUER', 'QUALITY_BODY', 'SUPERIOR_BODY')),
    ADD CHECK (route = 'K1' OR kind = 'ISSUER'),
    ADD CHECK ((forwarded_at IS NULL) = (forwarded_to IS NULL)),
    ADD CHECK ((forwarded_at IS NULL) = (forward_evidence_id IS NULL)),
    ADD CHECK ((forwarded_at IS NULL) = (file_sha256 IS NULL)),
    ADD CHECK (status <> 'FORWARDED' OR forwarded_at IS NOT NULL),
    ADD CHECK (route <> 'K1' OR forwarded_at IS NULL),
    ADD CHECK (confirmed IS NULL OR (kind = 'SERVICE' AND answered_at IS NOT NULL));
CREATE INDEX complaint_desk_due ON egov.complaint (due_at, complaint_id) WHERE answered_at IS NULL;
GRANT UPDATE (confirmed, forwarded_at, forwarded_to, forward_evidence_id, forward_number, file_sha256,
              decided_by) ON egov.complaint TO saqtau_egov;

-- A picture the citizen added. It is written anew before it is kept: only what is seen is in it.
CREATE TABLE egov.complaint_file (
    person_id    uuid NOT NULL,
    complaint_id uuid NOT NULL,
    file_id      uuid NOT NULL,
    no           smallint NOT NULL CHECK (no BETWEEN 1 AND 5),
    sha256       bytea NOT NULL CHECK (length(sha256) = 32),  -- of the picture as it is kept
    bytes        integer NOT NULL CHECK (bytes > 0),
    sealed       bytea NOT NULL,
    added_at     timestamptz NOT NULL,
    PRIMARY KEY (person_id, complaint_id, file_id),
    UNIQUE (person_id, complaint_id, no),
    UNIQUE (person_id, complaint_id, sha256),
    FOREIGN KEY (person_id, complaint_id) REFERENCES egov.complaint
) PARTITION BY HASH (person_id);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE egov.%I PARTITION OF egov.complaint_file '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'complaint_file_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;
GRANT SELECT, INSERT ON egov.complaint_file TO saqtau_egov;
GRANT UPDATE (sealed) ON egov.complaint_file TO saqtau_egov;
