"""Technical breaks of the registry: announced in time, told to everybody, and kept as they happened."""
