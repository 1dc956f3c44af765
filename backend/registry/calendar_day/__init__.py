"""The registrar's rows of the legal calendar: decreed swaps, announced holidays (domain 4.1)."""
