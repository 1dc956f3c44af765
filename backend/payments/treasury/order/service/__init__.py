"""Use cases of payment orders, a file each: `sign` (controls, signature), `exchange`, `decide`, `read`."""
