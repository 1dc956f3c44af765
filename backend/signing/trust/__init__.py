"""Whom we believe: trust anchors as tables, and the paths that lead to them."""
