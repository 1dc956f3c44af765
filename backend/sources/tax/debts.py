"""Ask the tax body about debts and untimely payments (M §8(3), §15(2)).

    POST {tax_url}/debts  {"numbers": ["061211600012", …]}                       (at most 500)
    -> 200 {"payers": [{"number": "061211600012", "as_of": "2026-04-01T05:00:00Z",
            "debts": [{"kind": "TAX", "amount": "1234.50", "since": "2026-02-26"}],
            "late":  [{"kind": "SOCIAL", "amount": "500.00", "due_on": "2026-03-25",
                       "paid_on": "2026-04-01" | null}]}]}

One payer for each number (BIN or IIN, in the body only), in any order; who owes nothing has empty lists.
`as_of` says how old the record is: one older than KEPT counts as no answer, and no answer is never
"no debt" (D28). Amounts are tenge with two digits after the point. Never inside a transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import httpx
import msgspec

from backend.kernel.config import Config
from backend.kernel.money import AmountInvalid, Tiyn, parse_tenge
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable

SOURCE = "tax"
NUMBERS_MAX = 500
# The exchange is daily (domain 7.1); days off may lie between two of them.
KEPT = timedelta(days=4)


class Kind(StrEnum):
    """What is owed: taxes, other mandatory payments to the budget, social payments."""

    TAX = "TAX"
    BUDGET = "BUDGET"
    SOCIAL = "SOCIAL"


class Debt(msgspec.Struct, frozen=True):
    """A sum owed since a day."""

    kind: Kind
    amount_tiyn: Tiyn
    since: date


class LatePayment(msgspec.Struct, frozen=True):
    """A sum that was due and came later, or (`paid_on` None) has not come yet."""

    kind: Kind
    amount_tiyn: Tiyn
    due_on: date
    paid_on: date | None


class Payer(msgspec.Struct, frozen=True):
    """What the tax body says of a BIN or IIN as of an instant."""

    number: str
    as_of: datetime
    debts: tuple[Debt, ...]
    late: tuple[LatePayment, ...]


class _Debt(msgspec.Struct, frozen=True):
    kind: Kind
    amount: str
    since: date


class _Late(msgspec.Struct, frozen=True):
    kind: Kind
    amount: str
    due_on: date
    paid_on: date | None


class _Payer(msgspec.Struct, frozen=True):
    number: str
    as_of: datetime
    debts: Annotated[tuple[_Debt, ...], msgspec.Meta(max_length=1_000)]
    late: Annotated[tuple[_Late, ...], msgspec.Meta(max_length=1_000)]


class _Question(msgspec.Struct, frozen=True):
    numbers: Sequence[str]


class _Answer(msgspec.Struct, frozen=True):
    payers: list[_Payer]


async def ask(
    http: httpx.AsyncClient, config: Config, numbers: Sequence[str], *, now: datetime
) -> dict[str, Payer]:
    """What each number owes and paid late. Raises SourceUnavailable: then none of them is answered."""
    found: dict[str, Payer] = {}
    for part in exchange.portions(numbers, NUMBERS_MAX):
        told = await exchange.post_json(
            http,
            SOURCE,
            config.tax_url,
            "/debts",
            _Question(part),
            _Answer,
            timeout_s=config.source_timeout_s,
        )
        payers = [_read(payer, now) for payer in told.payers]
        found |= exchange.one_each(SOURCE, part, payers, lambda p: p.number)
    return found


def _read(payer: _Payer, now: datetime) -> Payer:
    """The record with its sums in tiyn. Raises SourceUnavailable when it is stale or makes no sense."""
    try:
        debts = tuple(Debt(d.kind, _amount(d.amount), d.since) for d in payer.debts)
        late = tuple(
            LatePayment(p.kind, _amount(p.amount), p.due_on, p.paid_on) for p in payer.late
        )
    except AmountInvalid:
        raise SourceUnavailable(source=SOURCE) from None
    in_order = all(p.paid_on is None or p.paid_on > p.due_on for p in late)
    if not in_order or not exchange.is_fresh(payer.as_of, now, KEPT):
        raise SourceUnavailable(source=SOURCE)
    return Payer(payer.number, payer.as_of, debts, late)


def _amount(text: str) -> Tiyn:
    """A sum above zero: to owe nothing is to have no row. Raises AmountInvalid."""
    amount = parse_tenge(text)
    if amount == 0:
        raise AmountInvalid
    return amount
