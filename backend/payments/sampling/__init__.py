"""Whom to look at: risk rules over acts, each score explained, beside a random part (issue 6)."""
