"""Suspension, resumption and termination of payment (M §15-18)."""
