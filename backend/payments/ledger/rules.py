"""What a transfer must look like before it is posted. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID, uuid5

from backend.payments.ledger.model import Entry, Transfer

_NAMESPACE: Final = UUID("6f0d3a52-6f43-4c1b-9d0e-6c2b7f6f5a50")


def transfer_id(cause: str) -> UUID:
    """The id a cause always gives: posting it twice meets the same primary key."""
    return uuid5(_NAMESPACE, cause)


def netted(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per account, in the order of accounts; those that cancel out are left away."""
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.account] = sums.get(entry.account, 0) + entry.amount_tiyn
    return [Entry(account, amount) for account, amount in sorted(sums.items()) if amount]


def require_postable(transfers: Sequence[Transfer]) -> None:
    """Guard against our own defects; the database checks the same again. ValueError."""
    causes = {t.cause for t in transfers}
    if len(causes) != len(transfers):
        raise ValueError("one cause stands twice in a batch")
    for t in transfers:
        if sum(e.amount_tiyn for e in t.entries) or not netted(t.entries):
            raise ValueError(f"{t.kind} does not sum to zero or moves nothing")
