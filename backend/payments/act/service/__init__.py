"""Use cases of acts, a file each: `submit`, `approve`, `read`."""
