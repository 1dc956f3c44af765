-- egov: a complaint sent again under its Idempotency-Key is the one that stands, also where the service died between
-- keeping it and keeping its answer (web.idempotent_answer is written after the handler's transaction).
ALTER TABLE egov.complaint
    ADD COLUMN command_hash bytea CHECK (length(command_hash) = 32);  -- keyed, of key and command; none without a key
CREATE UNIQUE INDEX complaint_command_once ON egov.complaint (person_id, command_hash)
    WHERE command_hash IS NOT NULL;
