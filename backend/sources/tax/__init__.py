"""The tax body's system of electronic invoices."""
