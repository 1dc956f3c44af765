-- What a statement logged waits in one row, as long as it may be: without numbering and sorting its rows, for an order's
-- slice half of what waiting cost. A longer statement is cut as before.
CREATE OR REPLACE FUNCTION registry.await_leaf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM added OFFSET 10000 LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
        SELECT count(*), array_agg(subject_id), array_agg(seq), array_agg(hash)
          FROM added
        HAVING count(*) > 0;
        RETURN NULL;
    END IF;
    INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
    SELECT count(*), array_agg(subject_id), array_agg(seq), array_agg(hash)
      FROM (
        SELECT subject_id, seq, hash, (row_number() OVER () - 1) / 10000 AS part FROM added
      ) AS logged
     GROUP BY part
     ORDER BY part;
    RETURN NULL;
END $$;
