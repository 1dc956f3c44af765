"""Every promise, looked up in the database or asked of the API; nothing is taken on the story's word."""

from backend.app.demo.checks.all import NUMBER, all_checks
from backend.app.demo.checks.figures import counts, money

__all__ = ["NUMBER", "all_checks", "counts", "money"]
