"""Statements of the cash control account, and whether they agree with our orders."""
