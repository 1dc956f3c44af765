"""How accounts are named, and moving money between two of them. Pure."""

from uuid import UUID

from backend.payments.ledger.model import Account, Entry, Source


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


def returned(contract_id: UUID, source: Source) -> Account:
    """Payments that came back, until it is decided to pay them anew."""
    return Account(f"returned:{contract_id}", source)


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
