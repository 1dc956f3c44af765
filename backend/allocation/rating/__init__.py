"""Ratings and capacities of executors: imported with where they came from, never changed (domain 5.2)."""
