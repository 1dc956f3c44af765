-- Each wing logs in as itself where the server lets it (ADR 0014): a statement smuggled into one wing's
-- pool has no way to another wing's role, for its login is a member of none.
DO $$
DECLARE
    wing text;
BEGIN
    PERFORM pg_advisory_xact_lock(7105203);
    FOREACH wing IN ARRAY ARRAY[
        'saqtau_signing', 'saqtau_registry', 'saqtau_visits', 'saqtau_allocation',
        'saqtau_payments', 'saqtau_egov'
    ] LOOP
        IF NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = wing) THEN
            EXECUTE format('ALTER ROLE %I LOGIN', wing);
        END IF;
    END LOOP;
END $$;
