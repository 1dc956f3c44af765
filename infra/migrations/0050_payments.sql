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
