"""The other cases of 37-1(2) of the purchase rules, for ground G2 (M §10): a directory, not code."""
