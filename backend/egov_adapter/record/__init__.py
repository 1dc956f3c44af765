"""What is kept about a citizen, for the citizen alone: the session's own person, never another."""
