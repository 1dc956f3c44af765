-- What the Treasury tells of the cash control account: statements (camt.053) and notifications (camt.054),
-- taken in the order of their numbers, byte for byte; and what of it agrees with our orders.

CREATE TABLE payments.statement (
    statement_id  uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('camt.053', 'camt.054')),
    account       text NOT NULL CHECK (account <> ''),
    number        bigint NOT NULL CHECK (number >= 1), -- the Treasury's, without gaps
    document_id   text NOT NULL CHECK (document_id <> ''),
    made_at       timestamptz NOT NULL,
    day           date, -- the closed day of a camt.053
    opening_tiyn  bigint,
    closing_tiyn  bigint,
    entries       integer NOT NULL CHECK (entries >= 0),
    content       bytea NOT NULL,
    sha256        bytea NOT NULL CHECK (sha256 = pg_catalog.sha256(content)),
    imported_at   timestamptz NOT NULL,
    UNIQUE (account, number),
    UNIQUE (account, document_id),
    CHECK ((kind = 'camt.053') = (day IS NOT NULL)),
    CHECK ((kind = 'camt.053') = (opening_tiyn IS NOT NULL)),
    CHECK ((kind = 'camt.053') = (closing_tiyn IS NOT NULL))
);
CREATE INDEX statement_balance ON payments.statement (account, number DESC) WHERE kind = 'camt.053';

-- One movement on the account, by the Treasury's own reference: told in a notification and again in the
-- day's statement, it is the same booking.
CREATE TABLE payments.booking (
    booking_id    uuid PRIMARY KEY,
    account       text NOT NULL,
    reference     text NOT NULL CHECK (reference <> ''),
    booked_on     date NOT NULL,
    direction     text NOT NULL CHECK (direction IN ('DBIT', 'CRDT')),
    returned      boolean NOT NULL, -- money that came back
    amount_tiyn   bigint NOT NULL CHECK (amount_tiyn >= 1),
    end_to_end_id text, -- of a payment: our message id
    reason        text, -- of a return
    status        text NOT NULL CHECK (status IN (
        'MATCHED', 'UNMATCHED', 'WRONG_SUM', 'DOUBLE', 'UNEXPECTED', 'ALTERED', 'EXPLAINED'
    )),
    order_id      uuid REFERENCES payments.payment_order,
    transfer_id   uuid REFERENCES payments.funding_transfer,
    seen_at       timestamptz NOT NULL,
    explanation   text CHECK (length(explanation) BETWEEN 1 AND 4000),
    evidence_id   uuid UNIQUE REFERENCES signing.evidence,
    explained_at  timestamptz,
    UNIQUE (account, reference),
    CHECK (direction = 'CRDT' OR NOT returned),
    CHECK ((status = 'EXPLAINED') = (explained_at IS NOT NULL)),
    CHECK ((status = 'EXPLAINED') = (evidence_id IS NOT NULL)),
    CHECK ((status = 'EXPLAINED') = (explanation IS NOT NULL)),
    CHECK (status <> 'MATCHED' OR num_nonnulls(order_id, transfer_id) = 1)
);
CREATE INDEX booking_open ON payments.booking (booking_id)
    WHERE status NOT IN ('MATCHED', 'EXPLAINED');
-- One payment and one return for each order, one booking for each transfer.
CREATE UNIQUE INDEX booking_of_order ON payments.booking (order_id, returned) WHERE status = 'MATCHED';
CREATE UNIQUE INDEX booking_of_transfer ON payments.booking (transfer_id) WHERE status = 'MATCHED';
CREATE INDEX booking_order ON payments.booking (order_id);

CREATE TABLE payments.statement_entry (
    statement_id uuid NOT NULL REFERENCES payments.statement,
    no           integer NOT NULL CHECK (no >= 1),
    booking_id   uuid NOT NULL REFERENCES payments.booking,
    PRIMARY KEY (statement_id, no)
);
CREATE INDEX statement_entry_booking ON payments.statement_entry (booking_id);

-- Where the reading of statements stands.
CREATE TABLE payments.statement_feed (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number     bigint NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL DEFAULT '-infinity',
    problem    text,
    problem_at timestamptz,
    CHECK ((problem IS NULL) = (problem_at IS NULL))
);
INSERT INTO payments.statement_feed DEFAULT VALUES;

CREATE TRIGGER statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.statement
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER statement_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.statement_entry FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, INSERT ON payments.statement, payments.booking, payments.statement_entry
   TO saqtau_payments;
GRANT UPDATE (status, order_id, transfer_id, explanation, evidence_id, explained_at)
   ON payments.booking TO saqtau_payments;
GRANT SELECT, UPDATE (number, next_at, problem, problem_at) ON payments.statement_feed
   TO saqtau_payments;
