"""Prove the ledger once an hour, keep what was found, and raise the alarm when it does not come out."""

from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Gauge

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.ledger import service as ledger
from backend.payments.proof import queries
from backend.payments.proof.errors import NoProofYet
from backend.payments.proof.events import LedgerProofFailed
from backend.payments.proof.model import LedgerProof, ProofRow, PublicProof

EVERY: Final = timedelta(hours=1)
LATE: Final = timedelta(hours=2)  # a proof that old says nothing any more: the alarm rises
ALARM = Gauge(
    "saqtau_ledger_proof_alarm", "1 when the last proof of the ledger failed or is too old"
)
AGE = Gauge("saqtau_ledger_proof_age_seconds", "Since the last proof of the ledger")
log = logs.get("payments.proof")


async def prove_due(resources: Resources) -> LedgerProof | None:
    """Prove when the last proof is an hour old; None when it is not, or another proves now."""
    db, now = resources.db.payments, resources.clock.now()
    last = await queries.LAST_AT.one(db)
    if last is not None and now - last < EVERY:
        AGE.set((now - last).total_seconds())
        return None
    if last is not None and now - last >= LATE:
        ALARM.set(1)
    async with db.transaction(isolation="repeatable_read") as tx:
        if not await queries.TURN.get(tx):
            return None
        found = await count(tx, now)
        await queries.ADD.run(tx, now, found.ok, found)
        if not found.ok:
            failed = LedgerProofFailed(
                uuid7(), len(found.counted.differences), len(found.lines), len(found.contracts)
            )
            await events.append(tx, failed, by=SYSTEM, at=now)
    AGE.set(0)
    ALARM.set(not found.ok)
    if not found.ok:
        log.error("the ledger does not prove", lines=len(found.lines))
    return found


async def now(db: Db, clock: Clock) -> LedgerProof:
    """Prove at once, in one snapshot; nothing is kept."""
    async with db.transaction(isolation="repeatable_read") as tx:
        return await count(tx, clock.now())


async def count(tx: Tx, at: datetime) -> LedgerProof:
    """Count everything anew; `tx` is one snapshot."""
    counted = await ledger.count(tx)
    lines = await queries.LINES_OFF.all(tx)
    contracts = await queries.CONTRACTS_OFF.all(tx)
    return LedgerProof(
        proved_at=at,
        ok=counted.ok and not lines and not contracts,
        counted=counted,
        lines=lines,
        contracts=contracts,
        totals=await ledger.totals(tx),
    )


async def last(where: Executor) -> PublicProof:
    """The last proof kept, for anybody. Raises NoProofYet."""
    rows = await queries.LIST.all(where, None, 1)
    if not rows:
        raise NoProofYet
    found = rows[0].result
    return PublicProof(
        found.proved_at,
        found.ok,
        found.counted.accounts,
        found.counted.transfers,
        found.counted.entries,
        found.totals,
    )


async def proofs(where: Executor, before: int | None, limit: int) -> list[ProofRow]:
    """The proofs kept, the newest first."""
    return await queries.LIST.all(where, before, limit)
