-- signing: signed requests whose certificate's status could not be decided. They were refused with 503
-- and are accepted only when they are sent again; here they are asked about until it is known.
CREATE TABLE signing.undecided (
    operation        text NOT NULL CHECK (operation <> ''),
    signature_sha256 bytea NOT NULL CHECK (length(signature_sha256) = 32),
    organisation     bytea NOT NULL CHECK (length(organisation) = 32),
    sealed           bytea,
    asked_at         timestamptz NOT NULL,
    next_at          timestamptz NOT NULL,
    tries            integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    code             text,
    decided_at       timestamptz,
    PRIMARY KEY (operation, signature_sha256),
    CHECK ((code IS NULL) = (decided_at IS NULL)),
    CHECK ((sealed IS NULL) = (decided_at IS NOT NULL))
);
CREATE INDEX undecided_due ON signing.undecided (next_at) WHERE decided_at IS NULL;
CREATE INDEX undecided_organisation ON signing.undecided (organisation) WHERE decided_at IS NULL;
CREATE INDEX undecided_old ON signing.undecided (asked_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON signing.undecided TO saqtau_signing;
