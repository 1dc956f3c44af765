"""Providers of biometric identification (domain 7.1, row 9)."""
