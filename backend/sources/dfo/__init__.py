"""The depository of financial statements (dfo.kz)."""
