-- What waits for its place in the Merkle tree: hashes and ids do not compress, so nobody tries; and a statement that
-- logs no more than one row holds is told of by one row, without numbering its operations first.
ALTER TABLE registry.log_pending
    ALTER COLUMN subjects SET STORAGE EXTERNAL,
    ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE OR REPLACE FUNCTION registry.await_leaf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM added) <= 10000 THEN
        INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
        SELECT count(*), array_agg(subject_id), array_agg(seq), array_agg(hash)
          FROM added
        HAVING count(*) > 0;
    ELSE
        INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
        SELECT count(*), array_agg(subject_id), array_agg(seq), array_agg(hash)
          FROM (
            SELECT subject_id, seq, hash, (row_number() OVER () - 1) / 10000 AS part FROM added
          ) AS logged
         GROUP BY part
         ORDER BY part;
    END IF;
    RETURN NULL;
END $$;
