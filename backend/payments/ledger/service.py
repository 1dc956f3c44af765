"""Post to the ledger, and prove it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from backend.kernel.db import Db, Executor, Tx, violated
from backend.payments.ledger import queries, rules
from backend.payments.ledger.errors import BalanceTooSmall, CauseReused
from backend.payments.ledger.model import Account, Entry, Proof, Totals, Transfer, TransferKind


async def open_accounts(tx: Tx, accounts: Iterable[Account]) -> None:
    """Make sure these accounts exist; those that do stay as they are."""
    wanted = {a.account: a for a in accounts}
    await queries.OPEN.run(
        tx,
        list(wanted),
        [a.source for a in wanted.values()],
        [a.may_go_negative for a in wanted.values()],
    )


async def post(
    tx: Tx, cause: str, kind: TransferKind, entries: Iterable[Entry], at: datetime
) -> bool:
    """Post one transfer, once per `cause`; whether it was this call that posted it.

    Amounts in tiyn, summing to zero. Raises BalanceTooSmall when an account would fall below
    zero (the caller's transaction is then lost), CauseReused.
    """
    return await post_many(tx, [Transfer(cause, kind, tuple(entries))], at) > 0


async def post_many(tx: Tx, transfers: Sequence[Transfer], at: datetime) -> int:
    """Post many transfers in one statement; how many entries were new. Raises as `post`."""
    if not transfers:
        return 0
    rules.require_postable(transfers)
    ids = [rules.transfer_id(t.cause) for t in transfers]
    flat = [
        (transfer_id, entry.account, entry.amount_tiyn)
        for transfer_id, t in zip(ids, transfers, strict=True)
        for entry in rules.netted(t.entries)
    ]
    columns = ([f[0] for f in flat], [f[1] for f in flat], [f[2] for f in flat])
    try:
        added = await queries.POST.run(
            tx, ids, [t.cause for t in transfers], [t.kind.value for t in transfers], at, *columns
        )
    except asyncpg.CheckViolationError as e:
        if violated(e) == queries.NOT_NEGATIVE:
            raise BalanceTooSmall from None
        raise
    if added < len(flat) and await queries.MISSING_ENTRIES.get(tx, *columns):
        raise CauseReused(f"{transfers[0].kind}: posted before with other entries")
    return added


async def balance(where: Executor, account: Account) -> int:
    """The balance in tiyn; 0 for an account nobody opened."""
    return await queries.BALANCE.one(where, account.account) or 0


async def totals(where: Executor) -> list[Totals]:
    """Where the money of each source stands: planned, residue, contracted, accepted, paid."""
    return await queries.TOTALS.all(where)


async def proof(db: Db) -> Proof:
    """Count every balance and every sum anew from the entries, in one snapshot."""
    async with db.transaction(isolation="repeatable_read") as tx:
        return await count(tx)


async def count(tx: Tx) -> Proof:
    """Count the ledger anew; `tx` is one snapshot."""
    differences = await queries.DIFFERENCES.all(tx)
    unbalanced = await queries.UNBALANCED.get(tx)
    below_zero = await queries.BELOW_ZERO.get(tx)
    return Proof(
        ok=not (differences or unbalanced or below_zero),
        accounts=await queries.ACCOUNTS.get(tx),
        transfers=await queries.TRANSFERS.get(tx),
        entries=await queries.ENTRIES.get(tx),
        unbalanced_transfers=unbalanced,
        below_zero=below_zero,
        differences=differences,
    )
