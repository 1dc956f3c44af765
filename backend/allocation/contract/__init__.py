"""Contracts: formed from a signed decision in order, signed by the issuer, then the executor (M §12)."""
