-- The Merkle tree over all operations (docs/adr/0009-operation-log.md).
--
-- A writer leaves what it logged in log_pending, by its own transaction; the sealer gives what has
-- committed its places in the tree. An operation in flight is not there yet and comes later:
-- nothing rests on the order of transaction ids, and no writer ever waits for the sealer.

-- What waits for its place: a row for each statement that logged, at most 10,000 operations long.
CREATE TABLE registry.log_pending (
    batch_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operations integer NOT NULL CHECK (operations >= 1),  -- so that counting reads no array
    subjects   uuid[] NOT NULL,
    seqs       bigint[] NOT NULL,
    hashes     bytea[] NOT NULL
);
-- hashes do not compress: not even tried
ALTER TABLE registry.log_pending
    ALTER COLUMN subjects SET STORAGE EXTERNAL,
    ALTER COLUMN seqs SET STORAGE EXTERNAL,
    ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- The leaves in the order of the tree; leaf_hash is SHA-256 of a zero octet and the operation's hash.
CREATE TABLE registry.log_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    subject_id uuid NOT NULL,
    seq        bigint NOT NULL CHECK (seq >= 1),
    leaf_hash  bytea NOT NULL CHECK (length(leaf_hash) = 32)
);
CREATE INDEX log_leaf_by_hash ON registry.log_leaf USING hash (leaf_hash);

-- Roots of the complete subtrees of 256, 65,536, … leaves: `position` counts those of one height.
CREATE TABLE registry.log_subtree (
    height   smallint CHECK (height IN (8, 16, 24, 32, 40)),
    position bigint CHECK (position >= 0),
    hash     bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (height, position)
);

-- Ed25519 keys that sign heads and promises.
CREATE TABLE registry.log_key (
    key_number     integer PRIMARY KEY CHECK (key_number BETWEEN 1 AND 65535),
    public_key     bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    private_sealed bytea NOT NULL,
    endorsement    bytea,  -- CMS of the registrar's seal over the key, where one is configured
    created_at     timestamptz NOT NULL,
    retired_at     timestamptz,
    CHECK (retired_at >= created_at)
);
CREATE UNIQUE INDEX log_key_one_signs ON registry.log_key ((true)) WHERE retired_at IS NULL;

-- Signed heads, each naming the one before by its hash.
CREATE TABLE registry.log_tree_head (
    number     bigint PRIMARY KEY CHECK (number >= 1),
    tree_size  bigint NOT NULL CHECK (tree_size >= 0),
    root       bytea NOT NULL CHECK (length(root) = 32),
    at         timestamptz NOT NULL,
    previous   bytea NOT NULL CHECK (length(previous) = 32),
    key_number integer NOT NULL REFERENCES registry.log_key,
    signature  bytea NOT NULL CHECK (length(signature) = 64)
);
CREATE INDEX log_tree_head_by_size ON registry.log_tree_head (tree_size, number);

-- What stands when this migration runs waits for its place like everything later.
INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
SELECT count(*),
       array_agg(subject_id ORDER BY place),
       array_agg(seq ORDER BY place),
       array_agg(hash ORDER BY place)
  FROM (
    SELECT subject_id, seq, hash, row_number() OVER (ORDER BY at, subject_id, seq) AS place
      FROM registry.operation
  ) AS logged
 GROUP BY (place - 1) / 10000
 ORDER BY (place - 1) / 10000;

CREATE FUNCTION registry.await_leaf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.log_pending (operations, subjects, seqs, hashes)
    SELECT count(*), array_agg(subject_id), array_agg(seq), array_agg(hash)
      FROM (
        SELECT subject_id, seq, hash, (row_number() OVER () - 1) / 10000 AS part FROM added
      ) AS logged
     GROUP BY part
     ORDER BY part;
    RETURN NULL;
END $$;

-- A statement fires the trigger of the table it names: the log or one of its partitions.
CREATE TRIGGER operation_awaits_leaf AFTER INSERT ON registry.operation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION registry.await_leaf();
DO $$
DECLARE
    part integer;
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TRIGGER operation_awaits_leaf AFTER INSERT ON registry.%I '
            'REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION registry.await_leaf()',
            'operation_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END $$;

CREATE TRIGGER log_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.log_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER log_subtree_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.log_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER log_tree_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.log_tree_head
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

GRANT SELECT, DELETE ON registry.log_pending TO saqtau_registry;
GRANT SELECT, INSERT ON registry.log_leaf, registry.log_subtree, registry.log_key,
    registry.log_tree_head TO saqtau_registry;
GRANT UPDATE (retired_at, endorsement) ON registry.log_key TO saqtau_registry;
