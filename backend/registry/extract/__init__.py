"""Extracts: what the registry says of a person, proved by the log wherever it is shown."""
