-- An order for the whole country gives every row a new version within minutes, faster than pages are tidied:
-- with room for all of them on their own page no index entry is written. At 70 three in five went elsewhere.
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'ALTER TABLE registry.%I SET (fillfactor = 50)',
            'log_head_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END
$$;
