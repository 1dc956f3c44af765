"""Refusals of the ledger."""

from backend.kernel.errors import Conflict


class BalanceTooSmall(Conflict):
    """An account would fall below zero: there is not so much left."""

    code = "BALANCE_TOO_SMALL"


class CauseReused(RuntimeError):
    """A defect of ours: one cause was posted again with other entries."""
