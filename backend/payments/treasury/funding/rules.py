"""Which way money of which source goes, and who may tell (M §4(4), D32). Pure."""

from datetime import datetime
from types import MappingProxyType
from typing import Final, cast

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import legal_date
from backend.payments.ledger import accounts
from backend.payments.ledger.model import Account, Source
from backend.payments.treasury.funding.errors import LebFundsMhiOnly, NotYourMoney
from backend.payments.treasury.funding.model import (
    FundingSource,
    FundingTerm,
    TermRow,
    TermState,
)

# payer, destination account, whose money: GVFMC goes straight to the cash control account.
_WAYS: Final = MappingProxyType(
    {
        "moh_gvfmc": ("moh", "kbsh", "gvfmc"),
        "moh_mhi": ("moh", "nbk", "mhi"),
        "leb_mhi": ("leb", "nbk", "mhi"),
    }
)
_TELLERS: Final = MappingProxyType({"moh": Role.MOH, "leb": Role.LEB})


def require_lawful(source: str) -> FundingSource:
    """Raises LebFundsMhiOnly."""
    if source not in _WAYS:
        raise LebFundsMhiOnly(path="source")
    return cast(FundingSource, source)


def require_teller(actor: Actor, source: FundingSource, payer_bin: str) -> None:
    """The issuer's finance records any transfer, a payer only its own. Raises NotYourMoney."""
    if Role.ISSUER_FINANCE in actor.roles:
        return
    if _TELLERS[_WAYS[source][0]] not in actor.roles or actor.bin != payer_bin:
        raise NotYourMoney


def destination(source: FundingSource) -> str:
    """`kbsh` or `nbk`."""
    return _WAYS[source][1]


def way(source: FundingSource) -> tuple[Account, Account]:
    """From which cash account to which."""
    payer, receiver, whose = _WAYS[source]
    return accounts.cash(payer, cast(Source, whose)), accounts.cash(receiver, cast(Source, whose))


def term(row: TermRow, now: datetime) -> FundingTerm:
    """How the 30 calendar days stand at `now`; the last day runs to its end (D3, D4)."""
    due_on = legal_date(row.due_at)
    if (row.done_at or now) > row.due_at:
        state = TermState.BREACHED
    else:
        state = TermState.RUNNING if row.done_at is None else TermState.KEPT
    left = None if row.done_at is not None else (due_on - legal_date(now)).days
    return FundingTerm(
        row.transfer_id,
        row.kind,
        row.reference,
        row.amount_tiyn,
        row.received_at,
        due_on,
        row.done_at,
        state,
        left,
    )
