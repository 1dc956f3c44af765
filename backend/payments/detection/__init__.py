"""Finding causes to suspend without being asked: rounds of questions (S1, S2), counted complaints (S4)."""
