"""Use cases of the journals, a file each: `poll`, `weigh`, `apply`, `repair`."""
