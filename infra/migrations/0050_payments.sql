-- payments: acts of rendered services, e-invoices, suspensions, funding, registers, payment orders,
-- and beneath them a double-entry ledger whose laws the database keeps by itself.

-- ===== ledger ===================================================================================
-- Two books. `budget` follows an obligation: budget -> plan -> contract -> accepted -> ordered -> paid.
-- `cash` follows money: ministry and local bodies -> National Bank -> cash control account -> executor.
-- Money of the two funding sources never mixes: every transfer sums to zero in each book and source.
CREATE TABLE payments.ledger_account (
    account         text PRIMARY KEY
                    CHECK (account ~ '^(budget|plan|contract|accepted|ordered|paid|cash):[0-9a-z:-]+$'),
    kind            text NOT NULL GENERATED ALWAYS AS (split_part(account, ':', 1)) STORED,
    book            text NOT NULL GENERATED ALWAYS AS (
                        CASE WHEN split_part(account, ':', 1) = 'cash' THEN 'cash' ELSE 'budget' END
                    ) STORED,
    source          text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    -- Only what stands for the world outside may be below zero: the budget, and those who fund it.
    may_go_negative boolean NOT NULL
                    CHECK (NOT may_go_negative OR account ~ '^(budget|cash:moh|cash:leb):'),
    balance_tiyn    bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_account_not_negative CHECK (may_go_negative OR balance_tiyn >= 0)
);
CREATE INDEX ledger_account_kind ON payments.ledger_account (kind, source);

CREATE TABLE payments.transfer (
    transfer_id uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind <> ''),
    cause       text NOT NULL UNIQUE CHECK (cause <> ''),
    at          timestamptz NOT NULL,
    posted_in   xid8 NOT NULL DEFAULT pg_current_xact_id()
);

CREATE TABLE payments.entry (
    transfer_id uuid NOT NULL REFERENCES payments.transfer,
    account     text NOT NULL REFERENCES payments.ledger_account,
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn <> 0),
    PRIMARY KEY (transfer_id, account)
);
CREATE INDEX entry_account ON payments.entry (account);

-- Balances are the sum of entries because nothing else writes them: the wing's role may not.
-- Accounts are locked in one order, so that two transfers never wait for each other in a ring.
CREATE FUNCTION payments.keep_balances() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN payments.transfer t USING (transfer_id)
         WHERE t.posted_in <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'a transfer is closed when its transaction ends'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'transfer_closed';
    END IF;
    PERFORM FROM payments.ledger_account
      WHERE account IN (SELECT account FROM added)
      ORDER BY account
        FOR NO KEY UPDATE;
    UPDATE payments.ledger_account a
       SET balance_tiyn = a.balance_tiyn + s.amount_tiyn
      FROM (SELECT account, sum(amount_tiyn)::bigint AS amount_tiyn FROM added GROUP BY account) s
     WHERE a.account = s.account;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_keeps_balances AFTER INSERT ON payments.entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.keep_balances();

CREATE FUNCTION payments.require_balanced() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payments.entry WHERE transfer_id = NEW.transfer_id) OR EXISTS (
        SELECT FROM payments.entry e JOIN payments.ledger_account a USING (account)
         WHERE e.transfer_id = NEW.transfer_id
         GROUP BY a.book, a.source
        HAVING sum(e.amount_tiyn) <> 0
    ) THEN
        RAISE EXCEPTION 'a transfer sums to zero in each book and source'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_balanced AFTER INSERT ON payments.transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.require_balanced();
CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT ON payments.entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.require_balanced();

CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.transfer
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.entry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT ON payments.ledger_account, payments.transfer, payments.entry TO saqtau_payments;
GRANT INSERT (account, source, may_go_negative) ON payments.ledger_account TO saqtau_payments;
GRANT INSERT (transfer_id, kind, cause, at) ON payments.transfer TO saqtau_payments;
GRANT INSERT ON payments.entry TO saqtau_payments;

-- ===== acts of rendered services (domain 3.6) ===================================================

-- The order of submission. The row is locked to the end of the submitting transaction, so that no
-- act with a lower number ever appears behind one already signed.
CREATE TABLE payments.act_queue (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_seq_no bigint NOT NULL CHECK (last_seq_no >= 0)
);
INSERT INTO payments.act_queue (last_seq_no) VALUES (0);

CREATE TABLE payments.act (
    act_id             uuid PRIMARY KEY,
    contract_id        uuid NOT NULL REFERENCES allocation.contract,
    executor_id        uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    source             text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    number             text NOT NULL CHECK (number ~ '^\S(.{0,62}\S)?$'),
    period_from        date NOT NULL,
    period_to          date NOT NULL,
    status             text NOT NULL CHECK (status IN (
        'CHECKING', 'CHECK_PASSED', 'CHECK_FAILED', 'SIGNED_BY_ISSUER', 'INVOICED', 'IN_REGISTER',
        'PAID', 'CANCELLED'
    )),
    seq_no             bigint UNIQUE CHECK (seq_no >= 1),
    submitted_at       timestamptz NOT NULL,
    cases              integer NOT NULL CHECK (cases >= 1),
    no_qr              integer NOT NULL DEFAULT 0,
    total_tiyn         bigint NOT NULL DEFAULT 0 CHECK (total_tiyn >= 0),
    content_sha256     bytea NOT NULL CHECK (length(content_sha256) = 32),
    evidence_id        uuid UNIQUE REFERENCES signing.evidence,
    report             jsonb NOT NULL DEFAULT '{}',
    -- Why the queue goes on without it although nobody suspended it (D8), e.g. OVER_CONTRACT.
    held               text,
    issuer_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    signed_at          timestamptz,
    paid_at            timestamptz,
    CHECK (period_from <= period_to),
    CHECK (no_qr BETWEEN 0 AND cases),
    CHECK (status = 'CHECKING' OR (seq_no IS NOT NULL AND evidence_id IS NOT NULL)),
    CHECK ((signed_at IS NULL) = (issuer_evidence_id IS NULL)),
    CHECK (status NOT IN ('SIGNED_BY_ISSUER', 'INVOICED', 'IN_REGISTER', 'PAID')
           OR signed_at IS NOT NULL),
    CHECK (status NOT IN ('CHECKING', 'CHECK_PASSED', 'CHECK_FAILED') OR signed_at IS NULL),
    CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
    CHECK (signed_at >= submitted_at),
    CHECK (paid_at >= signed_at)
);
-- The same act cannot be presented twice (M §13); a failed or cancelled one frees its number.
CREATE UNIQUE INDEX act_number ON payments.act (contract_id, number)
    WHERE status NOT IN ('CHECK_FAILED', 'CANCELLED');
CREATE INDEX act_waiting ON payments.act (seq_no) WHERE status = 'CHECK_PASSED';
CREATE INDEX act_executor ON payments.act (executor_id, act_id);
CREATE INDEX act_status ON payments.act (status, seq_no);

-- An act moves forward only, as domain 3.6 draws it; a returned payment goes back to INVOICED.
CREATE FUNCTION payments.require_act_move() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('CHECKING', 'CHECK_PASSED'), ('CHECKING', 'CHECK_FAILED'),
        ('CHECK_PASSED', 'SIGNED_BY_ISSUER'), ('CHECK_PASSED', 'CANCELLED'),
        ('SIGNED_BY_ISSUER', 'INVOICED'), ('SIGNED_BY_ISSUER', 'CANCELLED'),
        ('INVOICED', 'IN_REGISTER'), ('IN_REGISTER', 'PAID'), ('IN_REGISTER', 'INVOICED')
    ) THEN
        RAISE EXCEPTION 'an act does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'act_move';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER act_move BEFORE UPDATE OF status ON payments.act
    FOR EACH ROW EXECUTE FUNCTION payments.require_act_move();

-- What an act asks for under each line of its contract.
CREATE TABLE payments.act_line (
    act_id      uuid NOT NULL REFERENCES payments.act,
    line_id     uuid NOT NULL REFERENCES allocation.plan_line,
    cases       integer NOT NULL CHECK (cases >= 1),
    units       bigint NOT NULL CHECK (units >= 1),
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn >= 1),
    PRIMARY KEY (act_id, line_id)
);

-- One service to one person. Of an act that failed its checks, `errors` says why.
CREATE TABLE payments.act_case (
    person_id         uuid NOT NULL REFERENCES registry.person,
    act_id            uuid NOT NULL REFERENCES payments.act,
    line_no           integer NOT NULL CHECK (line_no >= 1),
    case_id           uuid NOT NULL,
    executor_id       uuid NOT NULL,
    service_record_id text NOT NULL,
    service_code      text NOT NULL,
    line_id           uuid NOT NULL,
    units             bigint NOT NULL CHECK (units >= 1),
    amount_tiyn       bigint NOT NULL CHECK (amount_tiyn >= 0),
    service_date      date NOT NULL,
    episode           text NOT NULL,
    referral          text,
    worker_id         uuid,
    visit_id          uuid,
    grade             text NOT NULL
        CHECK (grade IN ('QR_BIOMETRIC', 'QR_DOCUMENT', 'QR_ONLY', 'NONE')),
    errors            text[] NOT NULL,
    PRIMARY KEY (person_id, act_id, line_no),
    UNIQUE (person_id, case_id)
) PARTITION BY HASH (person_id);
CREATE INDEX act_case_act ON payments.act_case (act_id, line_no);
CREATE TRIGGER act_case_append_only BEFORE UPDATE OR DELETE ON payments.act_case
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE payments.%I PARTITION OF payments.act_case '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'act_case_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

-- The same service is not paid twice (M §13): its MIS record, and what was done to whom when by whom.
CREATE TABLE payments.service_record_claim (
    service_record_id text PRIMARY KEY,
    act_id            uuid NOT NULL REFERENCES payments.act,
    line_no           integer NOT NULL
);
CREATE INDEX service_record_claim_act ON payments.service_record_claim (act_id);
CREATE TABLE payments.service_content_claim (
    content_sha256 bytea PRIMARY KEY CHECK (length(content_sha256) = 32),
    act_id         uuid NOT NULL REFERENCES payments.act,
    line_no        integer NOT NULL
);
CREATE INDEX service_content_claim_act ON payments.service_content_claim (act_id);

-- ===== suspension, resumption, termination (domain 3.10) ========================================

CREATE TABLE payments.suspension (
    suspension_id        uuid PRIMARY KEY,
    executor_id          uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    contract_id          uuid REFERENCES allocation.contract, -- NULL: all contracts of the executor
    act_id               uuid REFERENCES payments.act,
    ground               text NOT NULL CHECK (ground IN ('S1', 'S2', 'S3', 'S4')),
    status               text NOT NULL CHECK (status IN ('ACTIVE', 'RESOLVED', 'RESUMED', 'EXPIRED')),
    detected_at          timestamptz NOT NULL,
    remove_by            date NOT NULL, -- the last day of the four months
    basis                text NOT NULL CHECK (length(basis) BETWEEN 1 AND 4000),
    basis_sha256         bytea CHECK (length(basis_sha256) = 32),
    evidence_id          uuid REFERENCES signing.evidence,
    resolution           text CHECK (length(resolution) BETWEEN 1 AND 4000),
    resolution_sha256    bytea CHECK (length(resolution_sha256) = 32),
    resolved_evidence_id uuid REFERENCES signing.evidence,
    resumed_at           timestamptz,
    terminated_from      date, -- T3: the day after the term (M §17(3))
    CHECK ((ground = 'S3') = (act_id IS NOT NULL)),
    CHECK ((ground = 'S3') = (evidence_id IS NULL)),
    CHECK (act_id IS NULL OR contract_id IS NOT NULL),
    CHECK ((status = 'RESUMED') = (resumed_at IS NOT NULL)),
    CHECK ((status = 'EXPIRED') = (terminated_from IS NOT NULL)),
    CHECK (terminated_from > remove_by),
    CHECK ((resolution IS NULL) = (resolved_evidence_id IS NULL)),
    CHECK ((resolution IS NULL) = (resolution_sha256 IS NULL)),
    CHECK ((status IN ('RESOLVED', 'RESUMED')) = (resolution IS NOT NULL))
);
CREATE UNIQUE INDEX suspension_of_act ON payments.suspension (act_id);
CREATE UNIQUE INDEX suspension_by_hand
    ON payments.suspension (executor_id, contract_id, ground) NULLS NOT DISTINCT
    WHERE status = 'ACTIVE' AND ground <> 'S3';
CREATE INDEX suspension_freezes ON payments.suspension (executor_id) WHERE status <> 'RESUMED';
CREATE INDEX suspension_running ON payments.suspension (remove_by) WHERE status = 'ACTIVE';

-- What freezes an act: a suspension of its contract or of all its executor's contracts that has not
-- been resumed (S1-S4; T3 once its term ran out), or the executor's closed account.
CREATE VIEW payments.frozen_act AS
SELECT act.act_id,
       coalesce(
           (SELECT CASE WHEN s.status = 'EXPIRED' THEN 'T3' ELSE s.ground END
              FROM payments.suspension s
             WHERE s.executor_id = act.executor_id
               AND s.status <> 'RESUMED'
               AND (s.contract_id IS NULL OR s.contract_id = act.contract_id)
             ORDER BY s.status = 'EXPIRED' DESC, s.ground
             LIMIT 1),
           CASE WHEN o.status <> 'OPEN' THEN 'ACCOUNT_' || o.status END
       ) AS reason
  FROM payments.act
  JOIN registry.organisation o ON o.organisation_id = act.executor_id;

-- Acts the queue went past, each with its reason, once (D8).
CREATE TABLE payments.act_skip (
    act_id     uuid NOT NULL REFERENCES payments.act,
    reason     text NOT NULL CHECK (reason <> ''),
    by_act_id  uuid NOT NULL REFERENCES payments.act, -- the first that went past
    skipped_at timestamptz NOT NULL,
    PRIMARY KEY (act_id, reason)
);
CREATE TRIGGER act_skip_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.act_skip
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- ===== e-invoice (domain 3.7) ===================================================================

CREATE TABLE payments.e_invoice (
    invoice_id          uuid PRIMARY KEY,
    act_id              uuid NOT NULL REFERENCES payments.act,
    executor_id         uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    contract_id         uuid NOT NULL REFERENCES allocation.contract,
    number              text NOT NULL CHECK (number ~ '^\S(.{0,62}\S)?$'),
    issued_on           date NOT NULL,
    period_from         date NOT NULL,
    period_to           date NOT NULL,
    total_tiyn          bigint NOT NULL CHECK (total_tiyn >= 1),
    status              text NOT NULL CHECK (status IN ('ISSUED', 'LINKED', 'REVOKED')),
    evidence_id         uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    issued_at           timestamptz NOT NULL,
    try_at              timestamptz NOT NULL, -- when the tax body is asked next
    confirmed_at        timestamptz,
    registration_number text,
    CHECK ((status = 'LINKED') = (confirmed_at IS NOT NULL)),
    CHECK ((confirmed_at IS NULL) = (registration_number IS NULL))
);
CREATE UNIQUE INDEX e_invoice_live ON payments.e_invoice (act_id) WHERE status <> 'REVOKED';
CREATE UNIQUE INDEX e_invoice_number ON payments.e_invoice (executor_id, number);
CREATE INDEX e_invoice_waiting ON payments.e_invoice (try_at) WHERE status = 'ISSUED';

-- ===== money: funding, registers, payment orders (domain 3.8, 3.9) ==============================

-- Local executive bodies fund MHI only (D32): there is no leb_gvfmc.
CREATE TABLE payments.funding_invoice (
    invoice_id  uuid PRIMARY KEY,
    number      text NOT NULL UNIQUE CHECK (number ~ '^\S(.{0,62}\S)?$'),
    source      text NOT NULL CHECK (source IN ('moh_gvfmc', 'moh_mhi', 'leb_mhi')),
    payer_bin   text NOT NULL CHECK (payer_bin ~ '^[0-9]{12}$'),
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn >= 1),
    paid_tiyn   bigint NOT NULL DEFAULT 0,
    issued_at   timestamptz NOT NULL,
    CONSTRAINT funding_invoice_not_overpaid CHECK (paid_tiyn BETWEEN 0 AND amount_tiyn)
);
CREATE TABLE payments.funding_transfer (
    transfer_id uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('moh_gvfmc', 'moh_mhi', 'leb_mhi', 'nbk_to_kbsh')),
    destination text NOT NULL CHECK (destination IN ('kbsh', 'nbk')),
    reference   text NOT NULL UNIQUE CHECK (reference ~ '^\S(.{0,62}\S)?$'),
    invoice_id  uuid REFERENCES payments.funding_invoice,
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn >= 1),
    received_at timestamptz NOT NULL,
    evidence_id uuid REFERENCES signing.evidence,
    -- M §14: money comes on the basis of a payment invoice; the issuer's own move on a signature.
    CHECK ((kind = 'nbk_to_kbsh') = (invoice_id IS NULL)),
    CHECK ((kind = 'nbk_to_kbsh') = (evidence_id IS NOT NULL)),
    CHECK ((destination = 'nbk') = (kind IN ('moh_mhi', 'leb_mhi')))
);
CREATE TRIGGER funding_transfer_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.funding_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

CREATE TABLE payments.acts_register (
    register_id    uuid PRIMARY KEY,
    number         bigint NOT NULL UNIQUE CHECK (number >= 1),
    source         text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    status         text NOT NULL CHECK (status IN ('FORMED', 'SIGNED', 'SENT')),
    formed_at      timestamptz NOT NULL,
    rows           integer NOT NULL CHECK (rows >= 1),
    total_tiyn     bigint NOT NULL CHECK (total_tiyn >= 1),
    content        bytea NOT NULL, -- canonical JSON of the rows: what the head signs for
    content_sha256 bytea NOT NULL CHECK (content_sha256 = sha256(content)),
    signed_at      timestamptz,
    evidence_id    uuid UNIQUE REFERENCES signing.evidence,
    CHECK ((status = 'FORMED') = (signed_at IS NULL)),
    CHECK ((signed_at IS NULL) = (evidence_id IS NULL))
);
-- The thirteen columns of Appendix 1, as they stood when the register was formed.
CREATE TABLE payments.acts_register_row (
    register_id       uuid NOT NULL REFERENCES payments.acts_register,
    no                integer NOT NULL CHECK (no >= 1),
    sender            text NOT NULL,
    recipient         text NOT NULL,
    recipient_bin     text NOT NULL,
    basis             text NOT NULL,
    service_name      text NOT NULL,
    sender_account    text NOT NULL,
    recipient_account text NOT NULL,
    act_number        text NOT NULL,
    act_date          date NOT NULL,
    service_period    text NOT NULL,
    recipient_bic     text NOT NULL,
    amount_tiyn       bigint NOT NULL CHECK (amount_tiyn >= 1),
    act_id            uuid NOT NULL REFERENCES payments.act,
    PRIMARY KEY (register_id, no),
    UNIQUE (register_id, act_id)
);
CREATE TRIGGER acts_register_row_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.acts_register_row
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

CREATE TABLE payments.payment_order (
    order_id    uuid PRIMARY KEY,
    register_id uuid NOT NULL,
    act_id      uuid NOT NULL,
    contract_id uuid NOT NULL REFERENCES allocation.contract,
    executor_id uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    source      text NOT NULL CHECK (source IN ('gvfmc', 'mhi')),
    message_id  text NOT NULL UNIQUE CHECK (message_id ~ '^[0-9a-f]{32}$'),
    status      text NOT NULL CHECK (status IN (
        'DRAFT', 'VERIFIED', 'SIGNED', 'SENT', 'UNKNOWN', 'ACCEPTED_BY_TREASURY', 'EXECUTED', 'RETURNED'
    )),
    amount_tiyn bigint NOT NULL CHECK (amount_tiyn >= 1),
    checks      jsonb NOT NULL DEFAULT '[]',
    message     bytea, -- the pain.001 message: exactly the bytes that are signed and sent
    signature   bytea,
    evidence_id uuid UNIQUE REFERENCES signing.evidence,
    created_at  timestamptz NOT NULL,
    signed_at   timestamptz,
    sent_at     timestamptz,
    try_at      timestamptz, -- when the Treasury is spoken to next
    finished_at timestamptz,
    reason      text,
    FOREIGN KEY (register_id, act_id) REFERENCES payments.acts_register_row (register_id, act_id),
    CHECK (status = 'DRAFT' OR message IS NOT NULL),
    CHECK ((status IN ('DRAFT', 'VERIFIED')) = (signed_at IS NULL)),
    CHECK ((signed_at IS NULL) = (signature IS NULL)),
    CHECK ((signed_at IS NULL) = (evidence_id IS NULL)),
    CHECK ((status IN ('DRAFT', 'VERIFIED', 'SIGNED')) = (sent_at IS NULL)),
    CHECK ((status IN ('EXECUTED', 'RETURNED')) = (finished_at IS NOT NULL)),
    CHECK ((status = 'RETURNED') = (reason IS NOT NULL))
);
-- One living order per act: never a second one beside it.
CREATE UNIQUE INDEX payment_order_live ON payments.payment_order (act_id) WHERE status <> 'RETURNED';
CREATE INDEX payment_order_register ON payments.payment_order (register_id, order_id);
CREATE INDEX payment_order_waiting ON payments.payment_order (try_at)
    WHERE status IN ('SIGNED', 'SENT', 'UNKNOWN', 'ACCEPTED_BY_TREASURY');

CREATE FUNCTION payments.require_order_move() RETURNS trigger
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
        ('UNKNOWN', 'SENT'), ('ACCEPTED_BY_TREASURY', 'EXECUTED'), ('ACCEPTED_BY_TREASURY', 'RETURNED')
    ) THEN
        RAISE EXCEPTION 'an order does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_move';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_order_move BEFORE UPDATE ON payments.payment_order
    FOR EACH ROW EXECUTE FUNCTION payments.require_order_move();

-- ===== who may what =============================================================================

GRANT SELECT ON ALL TABLES IN SCHEMA payments TO saqtau_payments;
GRANT UPDATE (last_seq_no) ON payments.act_queue TO saqtau_payments;
GRANT INSERT ON payments.act, payments.act_line, payments.act_case, payments.act_skip,
                payments.suspension, payments.e_invoice, payments.funding_invoice,
                payments.funding_transfer, payments.acts_register, payments.acts_register_row,
                payments.payment_order TO saqtau_payments;
GRANT INSERT, DELETE ON payments.service_record_claim, payments.service_content_claim
   TO saqtau_payments;
GRANT UPDATE (status, seq_no, no_qr, total_tiyn, evidence_id, report, held, issuer_evidence_id,
              signed_at, paid_at) ON payments.act TO saqtau_payments;
GRANT UPDATE (status, resolution, resolution_sha256, resolved_evidence_id, resumed_at,
              terminated_from) ON payments.suspension TO saqtau_payments;
GRANT UPDATE (status, try_at, confirmed_at, registration_number) ON payments.e_invoice
   TO saqtau_payments;
GRANT UPDATE (paid_tiyn) ON payments.funding_invoice TO saqtau_payments;
GRANT UPDATE (status, signed_at, evidence_id) ON payments.acts_register TO saqtau_payments;
GRANT UPDATE (status, checks, message, signature, evidence_id, signed_at, sent_at, try_at,
              finished_at, reason) ON payments.payment_order TO saqtau_payments;

-- A citizen sees what was billed in his name, and where the payment stands.
GRANT SELECT (act_id, contract_id, executor_id, number, period_from, period_to, status,
              submitted_at, signed_at, paid_at) ON payments.act TO saqtau_egov;
GRANT SELECT ON payments.act_case TO saqtau_egov;
