"""Use cases of restrictions, a file each: `restrict`, `correct`, `tell`, `lapse`; the act itself in `account`."""
