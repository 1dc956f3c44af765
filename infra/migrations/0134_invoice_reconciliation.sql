-- E-invoices are compared with what the tax body knows, and can be revoked.
ALTER TABLE payments.e_invoice
    ADD COLUMN check_at           timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN revocation         text CHECK (length(revocation) BETWEEN 1 AND 4000),
    ADD COLUMN revoke_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    ADD COLUMN revoked_at         timestamptz,
    DROP CONSTRAINT e_invoice_status_check,
    ADD CONSTRAINT e_invoice_status_check CHECK (status IN ('ISSUED', 'LINKED', 'REVOKING', 'REVOKED')),
    DROP CONSTRAINT e_invoice_check,
    ADD CONSTRAINT e_invoice_confirmed CHECK (
        CASE status WHEN 'ISSUED' THEN confirmed_at IS NULL
                    WHEN 'REVOKED' THEN true
                    ELSE confirmed_at IS NOT NULL END
    ),
    ADD CONSTRAINT e_invoice_revoked CHECK ((status = 'REVOKED') = (revoked_at IS NOT NULL)),
    ADD CONSTRAINT e_invoice_revoking CHECK (status <> 'REVOKING' OR revoke_evidence_id IS NOT NULL);
CREATE INDEX e_invoice_compared ON payments.e_invoice (check_at) WHERE status IN ('ISSUED', 'LINKED');
DROP INDEX payments.e_invoice_waiting;
CREATE INDEX e_invoice_waiting ON payments.e_invoice (try_at) WHERE status IN ('ISSUED', 'REVOKING');
GRANT UPDATE (check_at, revocation, revoke_evidence_id, revoked_at) ON payments.e_invoice
   TO saqtau_payments;

-- What differs from the tax body's books: mended by itself, or waiting for a person.
CREATE TABLE payments.invoice_difference (
    difference_id uuid PRIMARY KEY,
    invoice_id    uuid NOT NULL REFERENCES payments.e_invoice,
    kind          text NOT NULL CHECK (kind IN (
        'UNKNOWN_TO_TAX', 'NOT_LINKED', 'REVOKED_AT_TAX', 'CONTENT_DIFFERS', 'REGISTRATION_DIFFERS'
    )),
    detail        jsonb NOT NULL,
    mended        boolean NOT NULL,
    found_at      timestamptz NOT NULL,
    gone_at       timestamptz -- when both agreed again
);
CREATE UNIQUE INDEX invoice_difference_open ON payments.invoice_difference (invoice_id, kind)
    WHERE gone_at IS NULL;
GRANT SELECT, INSERT ON payments.invoice_difference TO saqtau_payments;
GRANT UPDATE (gone_at, mended) ON payments.invoice_difference TO saqtau_payments;
