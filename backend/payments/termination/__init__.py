"""Termination of payment and of contracts on the grounds T1-T3 (M §17, §18)."""
