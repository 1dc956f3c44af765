"""A cancelling act: takes an act back, frees its services and its place in the contract."""
