"""Whose digital channels are closed: what a withdrawn consent means at a clinic's door (D43)."""
