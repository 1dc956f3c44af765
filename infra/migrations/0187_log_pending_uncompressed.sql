-- What waits for its place in the Merkle tree: hashes and ids do not compress, so nobody tries.
ALTER TABLE registry.log_pending
    ALTER COLUMN subjects SET STORAGE EXTERNAL,
    ALTER COLUMN hashes SET STORAGE EXTERNAL;
