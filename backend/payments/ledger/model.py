"""Accounts, transfers and entries; every amount is integer tiyn."""

from enum import StrEnum
from typing import Literal

import msgspec

Source = Literal["gvfmc", "mhi"]


class TransferKind(StrEnum):
    """What a transfer records."""

    PLAN_FUNDED = "plan_funded"
    PLAN_CHANGED = "plan_changed"
    CONTRACT_SIGNED = "contract_signed"
    CONTRACT_REDUCED = "contract_reduced"
    ACT_ACCEPTED = "act_accepted"
    ACT_CANCELLED = "act_cancelled"
    ORDER_SIGNED = "order_signed"
    ORDER_WITHDRAWN = "order_withdrawn"
    ORDER_EXECUTED = "order_executed"
    ORDER_RETURNED = "order_returned"
    PAYMENT_RENEWED = "payment_renewed"
    MONEY_RECEIVED = "money_received"
    MONEY_MOVED = "money_moved"


class Account(msgspec.Struct, frozen=True):
    """An account: its name says its kind and owner, `source` whose money it holds."""

    account: str
    source: Source
    may_go_negative: bool = False


class Entry(msgspec.Struct, frozen=True):
    """What one account gains (or loses, below zero) by a transfer."""

    account: str
    amount_tiyn: int


class Transfer(msgspec.Struct, frozen=True):
    """Entries that sum to zero. `cause` names what brought it about and makes it happen once."""

    cause: str
    kind: TransferKind
    entries: tuple[Entry, ...]


class Totals(msgspec.Struct, frozen=True):
    """Where the money of one source stands, in tiyn.

    `contracted`, `accepted` and `ordered` are everything that ever got so far and still stands, so
    planned = residue + contracted, and contracted >= accepted >= ordered >= paid. `returned` is what
    of the accepted came back from a bank and waits to be paid anew.
    """

    source: Source
    planned_tiyn: int
    residue_tiyn: int
    contracted_tiyn: int
    accepted_tiyn: int
    ordered_tiyn: int
    paid_tiyn: int
    returned_tiyn: int


class Difference(msgspec.Struct, frozen=True):
    """An account whose kept balance is not the sum of its entries."""

    account: str
    kept_tiyn: int
    counted_tiyn: int


class Proof(msgspec.Struct, frozen=True):
    """The ledger counted anew from its entries. `ok` when nothing differs and all sums are zero."""

    ok: bool
    accounts: int
    transfers: int
    entries: int
    unbalanced_transfers: int
    below_zero: int
    differences: list[Difference]
