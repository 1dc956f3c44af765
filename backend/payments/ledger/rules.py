"""How accounts are named, and what a transfer must look like before it is posted. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID, uuid5

from backend.payments.ledger.model import Account, Entry, Source, Transfer

_NAMESPACE: Final = UUID("6f0d3a52-6f43-4c1b-9d0e-6c2b7f6f5a50")


def transfer_id(cause: str) -> UUID:
    """The id a cause always gives: posting it twice meets the same primary key."""
    return uuid5(_NAMESPACE, cause)


def budget(source: Source) -> Account:
    """Where planned money comes from; below zero by exactly what is planned."""
    return Account(f"budget:{source}", source, may_go_negative=True)


def plan_line(line_id: UUID, source: Source) -> Account:
    """What of a plan line is not contracted: the residue."""
    return Account(f"plan:{line_id}", source)


def contract_line(contract_id: UUID, line_id: UUID, source: Source) -> Account:
    """What of a contract's line is not yet accepted by signed acts."""
    return Account(f"contract:{contract_id}:{line_id}", source)


def accepted(contract_id: UUID, source: Source) -> Account:
    """Acts signed by the issuer and not yet ordered to be paid."""
    return Account(f"accepted:{contract_id}", source)


def ordered(contract_id: UUID, source: Source) -> Account:
    """Payment orders signed and not yet executed."""
    return Account(f"ordered:{contract_id}", source)


def paid(contract_id: UUID, source: Source) -> Account:
    """Payment orders the Treasury executed."""
    return Account(f"paid:{contract_id}", source)


def cash(holder: str, source: Source) -> Account:
    """Money of `source` held by `moh`, `leb`, `nbk`, `kbsh`, `sent` or `executor:<bin>`.

    `sent` is money of signed orders: it has left the cash control account and not yet arrived.
    The ministry and the local bodies stand for the world outside, so they may go below zero.
    """
    return Account(f"cash:{holder}:{source}", source, may_go_negative=holder in ("moh", "leb"))


def move(amount_tiyn: int, giver: Account, taker: Account) -> tuple[Entry, Entry]:
    """`amount_tiyn` from one account to another. ValueError unless it is above zero."""
    if amount_tiyn <= 0:
        raise ValueError("a transfer moves an amount above zero")
    return Entry(giver.account, -amount_tiyn), Entry(taker.account, amount_tiyn)


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
