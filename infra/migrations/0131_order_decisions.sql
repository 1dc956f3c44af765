-- Registers go to the Treasury as files, ahead of their orders; orders are controlled again, withdrawn
-- and paid anew by signed decisions; a payment may come back after it was made.

-- ===== the register's file =======================================================================
ALTER TABLE payments.acts_register
    ADD COLUMN document     bytea, -- what the head signed: it names the hash of `content`
    ADD COLUMN signature    bytea,
    ADD COLUMN try_at       timestamptz, -- when it is handed to the Treasury next
    ADD COLUMN delivered_at timestamptz,
    ADD COLUMN refusal      text CHECK (refusal <> ''),
    ADD CONSTRAINT acts_register_signed_whole
        CHECK ((document IS NULL) = (signature IS NULL) AND (document IS NULL OR signed_at IS NOT NULL)),
    ADD CONSTRAINT acts_register_delivered
        CHECK (delivered_at IS NULL OR (document IS NOT NULL AND refusal IS NULL));
CREATE INDEX acts_register_waiting ON payments.acts_register (try_at)
    WHERE status = 'SIGNED' AND try_at IS NOT NULL;
-- The order of each row has its number from the start: the file names it.
ALTER TABLE payments.acts_register_row ADD COLUMN order_id uuid UNIQUE;
GRANT UPDATE (document, signature, try_at, delivered_at, refusal) ON payments.acts_register
   TO saqtau_payments;

-- ===== orders: withdrawn, replaced, returned late ================================================
ALTER TABLE payments.payment_order
    ADD COLUMN replaces   uuid REFERENCES payments.payment_order (order_id),
    ADD COLUMN renewed_at timestamptz, -- when it was decided to pay anew what this order did not
    DROP CONSTRAINT payment_order_status_check,
    ADD CONSTRAINT payment_order_status_check CHECK (status IN (
        'DRAFT', 'VERIFIED', 'SIGNED', 'SENT', 'UNKNOWN', 'ACCEPTED_BY_TREASURY', 'EXECUTED',
        'RETURNED', 'WITHDRAWN'
    )),
    DROP CONSTRAINT payment_order_check,
    ADD CONSTRAINT payment_order_written
        CHECK (status IN ('DRAFT', 'WITHDRAWN') OR message IS NOT NULL),
    DROP CONSTRAINT payment_order_check1,
    ADD CONSTRAINT payment_order_signed
        CHECK (status = 'WITHDRAWN' OR (status IN ('DRAFT', 'VERIFIED')) = (signed_at IS NULL)),
    DROP CONSTRAINT payment_order_check4,
    ADD CONSTRAINT payment_order_sent CHECK (
        (status IN ('DRAFT', 'VERIFIED', 'SIGNED', 'WITHDRAWN')) = (sent_at IS NULL)
    ),
    DROP CONSTRAINT payment_order_check5,
    ADD CONSTRAINT payment_order_finished CHECK (
        (status IN ('EXECUTED', 'RETURNED', 'WITHDRAWN')) = (finished_at IS NOT NULL)
    ),
    ADD CONSTRAINT payment_order_renewed CHECK (renewed_at IS NULL OR status = 'RETURNED');
-- One living order for each act: never a second one beside it.
DROP INDEX payments.payment_order_live;
CREATE UNIQUE INDEX payment_order_live ON payments.payment_order (act_id)
    WHERE status NOT IN ('RETURNED', 'WITHDRAWN');
CREATE UNIQUE INDEX payment_order_replaces ON payments.payment_order (replaces);
CREATE INDEX payment_order_came_back ON payments.payment_order (act_id)
    WHERE status = 'RETURNED' AND renewed_at IS NULL;
GRANT UPDATE (renewed_at) ON payments.payment_order TO saqtau_payments;

CREATE OR REPLACE FUNCTION payments.require_order_move() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.message_id <> NEW.message_id
       OR OLD.message IS DISTINCT FROM NEW.message AND OLD.message IS NOT NULL THEN
        RAISE EXCEPTION 'an order keeps its message for ever'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_message';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('DRAFT', 'VERIFIED'), ('VERIFIED', 'DRAFT'), ('VERIFIED', 'SIGNED'), ('SIGNED', 'SENT'),
        ('SENT', 'UNKNOWN'), ('SENT', 'ACCEPTED_BY_TREASURY'), ('SENT', 'EXECUTED'), ('SENT', 'RETURNED'),
        ('UNKNOWN', 'ACCEPTED_BY_TREASURY'), ('UNKNOWN', 'EXECUTED'), ('UNKNOWN', 'RETURNED'),
        ('UNKNOWN', 'SENT'), ('ACCEPTED_BY_TREASURY', 'EXECUTED'), ('ACCEPTED_BY_TREASURY', 'RETURNED'),
        -- withdrawn by a signed decision, as long as it was not sent
        ('DRAFT', 'WITHDRAWN'), ('VERIFIED', 'WITHDRAWN'), ('SIGNED', 'WITHDRAWN'),
        -- the executor's bank sent the money back
        ('EXECUTED', 'RETURNED')
    ) THEN
        RAISE EXCEPTION 'an order does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_move';
    END IF;
    RETURN NEW;
END $$;

-- An act moves as domain 3.6 draws it, and back when its payment or its e-invoice falls away.
-- A later file adds a row here; it does not write the function anew.
CREATE TABLE payments.act_move (
    before text NOT NULL,
    after  text NOT NULL,
    PRIMARY KEY (before, after)
);
INSERT INTO payments.act_move (before, after) VALUES
    ('CHECKING', 'CHECK_PASSED'), ('CHECKING', 'CHECK_FAILED'),
    ('CHECK_PASSED', 'SIGNED_BY_ISSUER'), ('CHECK_PASSED', 'CANCELLED'),
    ('SIGNED_BY_ISSUER', 'INVOICED'), ('SIGNED_BY_ISSUER', 'CANCELLED'),
    ('INVOICED', 'IN_REGISTER'), ('IN_REGISTER', 'PAID'), ('IN_REGISTER', 'INVOICED'),
    ('PAID', 'INVOICED'),            -- the executor's bank sent the money back
    ('INVOICED', 'SIGNED_BY_ISSUER'); -- the e-invoice was revoked
CREATE OR REPLACE FUNCTION payments.require_act_move() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.status <> NEW.status AND NOT EXISTS (
        SELECT FROM payments.act_move WHERE before = OLD.status AND after = NEW.status
    ) THEN
        RAISE EXCEPTION 'an act does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'act_move';
    END IF;
    RETURN NEW;
END $$;

-- ===== who decided what about which orders, and every control that was run =======================
CREATE TABLE payments.order_decision (
    decision_id uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('RECHECK', 'WITHDRAW', 'PAY_AGAIN')),
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    decided_at  timestamptz NOT NULL
);
CREATE TABLE payments.order_decided (
    order_id    uuid NOT NULL REFERENCES payments.payment_order,
    decision_id uuid NOT NULL REFERENCES payments.order_decision,
    before      text NOT NULL,
    after       text NOT NULL,
    PRIMARY KEY (order_id, decision_id)
);
CREATE TABLE payments.order_control (
    order_id uuid NOT NULL REFERENCES payments.payment_order,
    no       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL,
    status   text NOT NULL CHECK (status IN ('DRAFT', 'VERIFIED')),
    checks   jsonb NOT NULL,
    PRIMARY KEY (order_id, no)
);
CREATE TRIGGER order_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.order_decision FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER order_decided_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.order_decided FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER order_control_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.order_control FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
GRANT SELECT, INSERT ON payments.order_decision, payments.order_decided TO saqtau_payments;
GRANT SELECT, INSERT ON payments.order_control TO saqtau_payments;
GRANT SELECT ON payments.act_move TO saqtau_payments;
