"""Providers of biometric identification (domain 7.1, row 9), each with a protocol of its own."""
