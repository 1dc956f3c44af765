"""E-invoices to the issuer, registered with the tax body (M §13)."""
