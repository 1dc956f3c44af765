-- registry: the register of insured, composed on the issuer's signed order (M §30(1), §43) or, by the
-- registrar, on the written request of an entitled state body (M §45).

CREATE TABLE registry.insured_list (
    list_id      uuid PRIMARY KEY,
    evidence_id  uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    basis_kind   text NOT NULL CHECK (basis_kind IN ('ORDER', 'REQUEST')),
    number       text NOT NULL CHECK (number <> ''),  -- of the order, or of the request
    body         text CHECK (body <> ''),             -- whose request it is
    requested_on date,
    region       text,
    executor_id  uuid REFERENCES registry.organisation,
    -- who signed for it: every insured is shown that he was listed, and to whom
    actor_bin    text NOT NULL,
    actor_role   text NOT NULL,
    actor_signer bytea,
    as_of        date NOT NULL,
    status       text NOT NULL CHECK (status IN ('RUNNING', 'DONE', 'FORGOTTEN')),
    after        uuid NOT NULL,
    parts        integer NOT NULL DEFAULT 0 CHECK (parts >= 0),
    insured      bigint NOT NULL DEFAULT 0 CHECK (insured >= 0),
    sha256       text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    CHECK ((basis_kind = 'REQUEST') = (body IS NOT NULL)),
    CHECK ((body IS NULL) = (requested_on IS NULL)),
    CHECK ((status = 'RUNNING') = (finished_at IS NULL)),
    CHECK ((finished_at IS NULL) = (sha256 IS NULL))
);
CREATE INDEX insured_list_finished ON registry.insured_list (finished_at) WHERE status = 'DONE';

-- The list's lines, some thousands a part: sealed, and forgotten after its time.
CREATE TABLE registry.insured_list_part (
    list_id uuid NOT NULL REFERENCES registry.insured_list,
    part    integer NOT NULL CHECK (part >= 1),
    sealed  bytea NOT NULL,
    sha256  bytea NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (list_id, part)
);

GRANT SELECT, INSERT ON registry.insured_list, registry.insured_list_part TO saqtau_registry;
GRANT UPDATE (status, after, parts, insured, sha256, finished_at) ON registry.insured_list
    TO saqtau_registry;
GRANT DELETE ON registry.insured_list_part TO saqtau_registry;
