"""Supplementary agreements: a signed contract follows a change of the plan (domain 3.5, 6.4)."""
