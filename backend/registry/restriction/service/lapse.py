"""Accounts of the dead close by themselves thirty days after they were blocked, acts settled (D12)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account.model import AccountStatus
from backend.registry.brake import service as brake
from backend.registry.brake.model import NOWHERE, Effect, Kind, Run, Verdict
from backend.registry.log.model import BasisKind
from backend.registry.person.service import AUTOMATIC
from backend.registry.restriction import queries
from backend.registry.restriction.events import AccountsClosed
from backend.registry.restriction.model import CloseGround, Due, Owner, Settlement
from backend.registry.restriction.service import account

JOB: Final = "registry.close_held"
BATCH: Final = 200  # accounts in one transaction
LOOK_AGAIN: Final = timedelta(hours=1)  # at an account whose acts are still open


async def close_due(resources: Resources, settlement: Settlement) -> int:
    """Close a batch of accounts whose thirty days are over and whose acts are settled; how many.

    More at once than the brake allows wait for the registrar (FAULTS 22): a clock that leaps must
    not close a country.
    """
    now = resources.clock.now()
    due = await queries.DUE.all(resources.db.registry, now, BATCH)
    if not due:
        return 0
    open_acts = await settlement.unsettled([d.subject_id for d in due])
    async with resources.db.registry.transaction() as tx:
        if not await queries.TRY_CLOSER.get(tx):
            return 0
        await queries.CLOSE_LATER.run(tx, list(open_acts), now + LOOK_AGAIN)
        still = await queries.STILL_DUE.all(
            tx, [d.subject_id for d in due if d.subject_id not in open_acts], now
        )
        if not still:
            return 0
        run_id, subjects = uuid7(), sorted(d.subject_id for d in still)
        run = Run(
            feed="account_closing",
            source="registry",
            run_id=run_id,
            job=JOB,
            digest=hashlib.sha256(b"".join(s.bytes for s in subjects)).digest(),
        )
        effects = await _effects(tx, still)
        if await brake.pass_or_hold(tx, resources.keyring, SYSTEM, run, effects, at=now):
            await queries.HOLD_CLOSING.run(tx, subjects, run_id)
            return 0
        return await _close(tx, still, run_id, now)


async def decided(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    """The registrar decided about a held batch: close it now, or let it wait for his own closing."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        if verdict is Verdict.DISCARD:
            run_id = (await brake.find(tx, hold_id)).run_id
            await queries.FORGET_CLOSING.run(tx, run_id)
            return
        taken = await brake.take(tx, hold_id, at=now)
        if taken is not None:
            subjects = await queries.HELD_CLOSING.all(tx, taken.run_id)
            await _close(tx, await queries.STILL_DUE.all(tx, subjects, now), taken.run_id, now)


async def _effects(tx: Tx, due: Sequence[Due]) -> list[Effect]:
    effects = await brake.effects_of(tx, Kind.CLOSE, [d.subject_id for d in due if d.person])
    if organisations := sum(not d.person for d in due):
        effects.append(Effect(Kind.CLOSE_EXECUTOR, NOWHERE, organisations))
    return effects


async def _close(tx: Tx, due: Sequence[Due], run_id: UUID, now: datetime) -> int:
    """Close those of the accounts that are not closed yet; how many."""
    of = {d.subject_id: d for d in due}
    owners = await account.owners(
        tx,
        [d.subject_id for d in due if d.person],
        [d.subject_id for d in due if not d.person],
    )
    closing: list[Owner] = [o for o in owners.values() if o.status is not AccountStatus.CLOSED]
    await account.close(
        tx,
        closing,
        {o.subject_id: {"ground": CloseGround.C1, "fact": of[o.subject_id].fact} for o in closing},
        {o.subject_id: (BasisKind.EVENT, of[o.subject_id].basis_id) for o in closing},
        actor=AUTOMATIC,
        at=now,
    )
    if closing:
        told = AccountsClosed(run_id, len(closing))
        await events.append(tx, told, by=SYSTEM, at=now)
    return len(closing)
