-- The way back: money of cancelled acts, of ended contracts, of payments that a bank returned.

-- `returned` holds what came back until somebody decides to pay it anew.
ALTER TABLE payments.ledger_account
    DROP CONSTRAINT ledger_account_account_check,
    ADD CONSTRAINT ledger_account_account_check CHECK (
        account ~ '^(budget|plan|contract|accepted|ordered|paid|returned|cash):[0-9a-z:-]+$'
    );

-- Balances that stay what they are until the transaction ends: what is read can be given away whole.
-- The wing's role writes no balance, so it may not lock one by itself.
CREATE FUNCTION payments.lock_balances(accounts text[])
    RETURNS TABLE (account text, balance_tiyn bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT a.account, a.balance_tiyn
      FROM payments.ledger_account a
     WHERE a.account = ANY (accounts)
     ORDER BY a.account
       FOR NO KEY UPDATE
$$;
REVOKE ALL ON FUNCTION payments.lock_balances(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments.lock_balances(text[]) TO saqtau_payments;
