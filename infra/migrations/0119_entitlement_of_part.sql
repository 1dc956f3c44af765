-- An order judges a partition of the persons at once: it reads that partition's statuses by name.
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'GRANT SELECT ON registry.%I TO saqtau_registry',
            'entitlement_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END $$;
