-- visits: whose digital channels are closed (M §2(5), D43). Without a row they are open.
-- The consent itself, its wording and its history stand with the citizens' side, which writes here in the
-- transaction that gives or withdraws it. Care goes on: such a visit is one without a QR.

CREATE TABLE visits.closed_channel (
    person_id uuid NOT NULL PRIMARY KEY REFERENCES registry.person,
    closed_at timestamptz NOT NULL
) PARTITION BY HASH (person_id);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE visits.%I PARTITION OF visits.closed_channel '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            'closed_channel_p' || lpad(part::text, 2, '0'), part
        );
    END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON visits.closed_channel TO saqtau_visits, saqtau_egov;
