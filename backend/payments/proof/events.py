"""A proof that did not come out."""

from backend.kernel.events import Event


class LedgerProofFailed(Event, frozen=True):
    """The ledger does not prove: money is looked for at once."""

    differences: int
    lines: int
    contracts: int
