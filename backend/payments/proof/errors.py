"""Refusals of the proof."""

from backend.kernel.errors import NotFound


class NoProofYet(NotFound):
    """The ledger has not been proved yet: the first proof comes within the hour."""

    code = "LEDGER_PROOF_MISSING"
