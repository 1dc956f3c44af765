"""The tax body: electronic invoices, debts and untimely payments."""
