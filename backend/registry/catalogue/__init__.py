"""The sixteen operations of M §26-30: who lawfully causes each, on what basis, by which way."""
