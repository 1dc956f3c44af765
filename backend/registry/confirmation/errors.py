"""Refusals of confirmations."""

from backend.kernel.errors import Conflict


class EntityNotConfirmed(Conflict):
    """The state database of legal entities has no such entity in being, or another head (domain 3.1)."""

    code = "ENTITY_NOT_CONFIRMED"
