"""Clinics without a network: what a desk's device scanned there, signed and counted, uploaded later."""
