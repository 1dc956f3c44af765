"""The repair queue: rows that become right by themselves, that an officer puts right, or gives up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.contribution_file import rules
from backend.registry.contribution_file.errors import RepairClosed, RepairNotFound, StillBroken
from backend.registry.contribution_file.events import ReceiptDiscarded, ReceiptRepaired
from backend.registry.contribution_file.model import (
    HEALS,
    Discard,
    Fault,
    Fix,
    Repair,
    RepairContent,
    RepairStatus,
    RepairSummary,
    SealedRepair,
)
from backend.registry.contribution_file.queries import repair as repairs
from backend.registry.contribution_file.queries import taking
from backend.registry.contribution_file.service.apply import settle
from backend.registry.contribution_file.service.stage import fault_of_person, unseal, whose
from backend.registry.entitlement.model import ReceiptKind
from backend.registry.person import service as persons
from backend.sources.state_corporation.model import Line, LineKind

TRY_EVERY: Final = timedelta(hours=1)
AT_ONCE: Final = 500
_SHOWN: Final = (Field.IIN, Field.CONTRIBUTIONS)


async def waiting(
    db: Db, *, code: Fault | None, file_id: UUID | None, after: UUID | None, limit: int
) -> list[Repair]:
    """Rows that wait, the oldest first, without whom they name."""
    return await repairs.REPAIRS.all(db, code, file_id, after, limit)


async def summary(db: Db) -> list[RepairSummary]:
    """How many wait for what reason, and how much money."""
    return await repairs.SUMMARY.all(db)


async def read(resources: Resources, actor: Actor, repair_id: UUID) -> RepairContent:
    """A row with its numbers; that it was looked at is noted. Raises RepairNotFound."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        sealed = await _sealed(tx, repair_id)
        line = unseal(resources.keyring, sealed.file_id, sealed.line, sealed.sealed)
        known = await persons.resolve(tx, resources.keyring, [line.iin] if line.iin else [])
        access = Access(actor, "GetContributionRepair", Basis.DUTY, _SHOWN, repair_id)
        await access_records.record(tx, access, known.values(), at=now)
        await repairs.NOTE.run(tx, repair_id, now, actor.label, "READ", "")
        repair = await repairs.REPAIR.get(tx, repair_id)
        notes = await repairs.NOTES.all(tx, repair_id)
    return RepairContent(
        repair=repair,
        iin=line.iin,
        payer=line.payer,
        payer_kind=line.payer_kind,
        period=line.period,
        receipt_kind=ReceiptKind(line.receipt_kind) if line.receipt_kind else None,
        original_ref=line.original_ref,
        notes=tuple(notes),
    )


async def fix(resources: Resources, actor: Actor, repair_id: UUID, command: Fix) -> Repair:
    """Take a row with its right numbers. Raises RepairNotFound, RepairClosed, StillBroken."""
    now = resources.clock.now()
    if command.iin is not None:
        await access_records.count_look(resources, actor)
    async with resources.db.registry.transaction() as tx:
        sealed = await _open(tx, repair_id)
        told = unseal(resources.keyring, sealed.file_id, sealed.line, sealed.sealed)
        line = msgspec.structs.replace(
            told,
            iin=command.iin or told.iin,
            payer=command.payer or told.payer,
            period=command.period or told.period,
        )
        insisted = command.iin is not None
        faults = await _take(tx, resources, [(sealed, line)], insisted=insisted)
        if repair_id in faults:
            raise StillBroken(path="iin", fault=faults[repair_id].value)
        await repairs.CLOSE_REPAIR.one(
            tx, repair_id, RepairStatus.FIXED, now, actor.label, command.reason
        )
        await repairs.NOTE.run(tx, repair_id, now, actor.label, "FIXED", command.reason)
        await events.append(tx, ReceiptRepaired(repair_id, sealed.code.value), by=actor, at=now)
        return await repairs.REPAIR.get(tx, repair_id)


async def discard(resources: Resources, actor: Actor, repair_id: UUID, command: Discard) -> Repair:
    """Give a row up for a reason. Raises RepairNotFound, RepairClosed."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        sealed = await _open(tx, repair_id)
        await repairs.CLOSE_REPAIR.one(
            tx, repair_id, RepairStatus.DISCARDED, now, actor.label, command.reason
        )
        await repairs.NOTE.run(tx, repair_id, now, actor.label, "DISCARDED", command.reason)
        await events.append(tx, ReceiptDiscarded(repair_id, sealed.code.value), by=actor, at=now)
        return await repairs.REPAIR.get(tx, repair_id)


async def heal(resources: Resources, *, limit: int = AT_ONCE) -> int:
    """Try again what may have become right by itself; how many were tried."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        trying = await repairs.TO_HEAL.all(tx, sorted(HEALS), now - TRY_EVERY, limit)
        if not trying:
            return 0
        rows = [
            (one, unseal(resources.keyring, one.file_id, one.line, one.sealed)) for one in trying
        ]
        faults = await _take(tx, resources, rows, insisted=False)
        healed = [one.repair_id for one in trying if one.repair_id not in faults]
        await repairs.HEALED.run(tx, healed, now)
        await repairs.TRIED.run(tx, list(faults), list(faults.values()), now)
    return len(trying)


async def _take(
    tx: Tx, resources: Resources, rows: Sequence[tuple[SealedRepair, Line]], *, insisted: bool
) -> dict[UUID, Fault]:
    """Take what can be taken of these rows; the faults of the others. `insisted`: a closed account too."""
    now, keyring = resources.clock.now(), resources.keyring
    today = legal_date(now)
    faults = {
        one.repair_id: fault
        for one, line in rows
        if (fault := rules.judge(line, today)) is not None
    }
    people = await whose(tx, keyring, [line for one, line in rows if one.repair_id not in faults])
    closed = set() if insisted else set(await taking.CLOSED.all(tx, list(people.values())))
    for one, line in rows:
        found = fault_of_person(line, people.get(line.iin or ""), closed)
        if one.repair_id not in faults and found is not None:
            faults[one.repair_id] = found
    sound = [(one, line) for one, line in rows if one.repair_id not in faults]
    added = {
        *await _add_receipts(tx, [x for _, x in sound if x.kind is LineKind.RECEIPT], people),
        *await _add_returns(tx, [(o, x) for o, x in sound if x.kind is not LineKind.RECEIPT]),
    }
    for one, line in sound:
        if line.ref not in added:
            faults[one.repair_id] = Fault.DUPLICATE_RECEIPT
    while await settle(tx, keyring, at=now):
        pass
    return faults


async def _add_receipts(tx: Tx, lines: Sequence[Line], people: dict[str, UUID]) -> list[str]:
    return await taking.ADD_RECEIPTS.all(
        tx,
        [line.ref for line in lines],
        [people[line.iin or ""] for line in lines],
        [line.day for line in lines],
        [line.period for line in lines],
        [line.receipt_kind for line in lines],
        [line.amount_tiyn for line in lines],
        [rules.payer_of(line) for line in lines],
        [line.payer_kind for line in lines],
    )


async def _add_returns(tx: Tx, rows: Sequence[tuple[SealedRepair, Line]]) -> list[str]:
    return await taking.ADD_RETURNS.all(
        tx,
        [line.ref for _, line in rows],
        [line.kind for _, line in rows],
        [line.original_ref for _, line in rows],
        [line.amount_tiyn for _, line in rows],
        [line.day for _, line in rows],
        [one.file_id for one, _ in rows],
        [line.number for _, line in rows],
    )


async def _sealed(tx: Tx, repair_id: UUID) -> SealedRepair:
    sealed = await repairs.SEALED.one(tx, repair_id)
    if sealed is None:
        raise RepairNotFound
    return sealed


async def _open(tx: Tx, repair_id: UUID) -> SealedRepair:
    sealed = await _sealed(tx, repair_id)
    if (await repairs.REPAIR.get(tx, repair_id)).status is not RepairStatus.WAITING:
        raise RepairClosed
    return sealed
