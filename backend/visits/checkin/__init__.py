"""Visits: who came where on which legal day, and how well that is proved."""
