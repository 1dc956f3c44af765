"""Use cases of payment orders, a file each: `sign` (controls, signature), `exchange`, `read`."""
