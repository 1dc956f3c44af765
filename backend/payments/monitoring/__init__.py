"""Monitoring of executors: commission, notice, protocol, follow-up (M §19-22, domain 3.11)."""
