"""Money: funding, acts registers, payment orders (M §4(4), §14)."""
