"""Opening the ledger for published plans and signed contracts."""
