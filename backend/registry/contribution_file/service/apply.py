"""Weighing what a file would take back, and applying it in slices, each row once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.brake import service as brake
from backend.registry.brake.model import Kind, Run, Verdict
from backend.registry.contribution_file import rules
from backend.registry.contribution_file.events import ContributionFileApplied
from backend.registry.contribution_file.model import (
    Fault,
    FileStatus,
    Original,
    StagedLine,
    Working,
)
from backend.registry.contribution_file.queries import file as files
from backend.registry.contribution_file.queries import repair as repairs
from backend.registry.contribution_file.queries import taking
from backend.registry.contribution_file.service.receive import enqueue
from backend.registry.contribution_file.service.stage import key_of, seal, stage
from backend.sources.state_corporation.model import Line

DECIDED_JOB: Final = "registry.contribution_file_decided"
FEED: Final = "contribution_file"
SLICE: Final = 5_000  # rows applied in one transaction


async def run(resources: Resources, file_id: UUID, *, size: int = SLICE) -> None:
    """Go on with a file as far as it goes without an officer; safe to run twice and to be killed."""
    if await stage(resources, file_id):
        while await _step(resources, file_id, size):
            pass


async def _step(resources: Resources, file_id: UUID, size: int) -> bool:
    """One slice in one transaction; whether there may be another."""
    async with resources.db.registry.transaction() as tx:
        file = await files.WORK.get(tx, file_id)
        if file.status is FileStatus.WEIGHING:
            return await _weigh(tx, resources, file)
        if file.status is FileStatus.APPLYING:
            return await _apply(tx, resources, file, size)
        if file.status is FileStatus.DISCARDED:
            return await taking.DROP_STAGE.run(tx, file_id, size) == size
        return False


async def _weigh(tx: Tx, resources: Resources, file: Working) -> bool:
    """Ask the brake about the persons whose payments would be taken back (FAULTS 22)."""
    now = resources.clock.now()
    people = await taking.TAKEN_BACK.all(tx, file.file_id)
    effects = await brake.effects_of(tx, Kind.TAKE_BACK, people) if people else []
    run_ = Run(FEED, file.source, file.file_id, DECIDED_JOB, file.sha256)
    hold_id = await brake.pass_or_hold(tx, resources.keyring, SYSTEM, run_, effects, at=now)
    status = FileStatus.HELD if hold_id else FileStatus.APPLYING
    await files.SET_STATUS.run(tx, file.file_id, status, hold_id, None)
    return hold_id is None


async def _apply(tx: Tx, resources: Resources, file: Working, size: int) -> bool:
    now, keyring = resources.clock.now(), resources.keyring
    last = await taking.LAST_OF_SLICE.get(tx, file.file_id, file.applied_to, size)
    if last is None:
        if await settle(tx, keyring, at=now):
            return True
        return await _finish(tx, resources, file, size)
    place = (file.file_id, file.applied_to, last)
    receipts = await taking.TAKE_RECEIPTS.get(tx, *place)
    returns = await taking.TAKE_RETURNS.get(tx, *place)
    clashes = [
        *await taking.CLASHES.all(tx, *place),
        *await taking.RETURN_CLASHES.all(tx, *place),
    ]
    await _repair(tx, keyring, file, clashes, now)
    await taking.SUPERSEDE.run(tx, *place, now)
    await taking.FAULTY.run(tx, *place, now)
    faulty = len(clashes) + await taking.COUNT_FAULTY.get(tx, *place)
    taken = receipts.taken + returns.taken
    repeated = receipts.repeated + returns.repeated - len(clashes)
    await taking.ADVANCE.run(tx, file.file_id, last, taken, repeated, faulty)
    return True


async def _finish(tx: Tx, resources: Resources, file: Working, size: int) -> bool:
    """Clear the stage away slice by slice; then the file is done."""
    if await taking.DROP_STAGE.run(tx, file.file_id, size) == size:
        return True
    now = resources.clock.now()
    await files.SET_STATUS.run(tx, file.file_id, FileStatus.DONE, None, now)
    done = await files.FIND.get(tx, file.file_id, None)
    told = ContributionFileApplied(file.file_id, done.taken, done.repeated, done.to_repair)
    await events.append(tx, told, by=SYSTEM, at=now)
    return False


async def settle(tx: Tx, keyring: Keyring, *, at: datetime, size: int = SLICE) -> bool:
    """Take back what waits and has its payment by now; whether there was anything."""
    waiting = await taking.SETTLEABLE.all(tx, size)
    if not waiting:
        return False
    paid_back, applied, faulty = rules.settle(waiting)
    await taking.PAY_BACK.run(
        tx,
        [one.person_id for one in paid_back],
        [one.contribution_id for one in paid_back],
        [one.refunded_tiyn for one in paid_back],
        [one.refunded_on for one in paid_back],
    )
    await taking.SETTLE.run(tx, applied, "APPLIED", at)
    await taking.SETTLE.run(tx, [one.ref for one, _ in faulty], "TO_REPAIR", None)
    rows = [(one.file_id, _line_of(one), fault) for one, fault in faulty]
    await add_repairs(tx, keyring, "", rows, at)
    await taking.MOVE_TO_REPAIR.run(tx, [one.file_id for one, _ in faulty])
    return True


async def add_repairs(
    tx: Tx,
    keyring: Keyring,
    source: str,
    rows: Sequence[tuple[UUID, Line, Fault]],
    at: datetime,
) -> None:
    """Let these rows wait for an officer; a row that waits already waits once."""
    await repairs.ADD_REPAIRS.all(
        tx,
        [file_id for file_id, _, _ in rows],
        [line.number for _, line, _ in rows],
        [fault for _, _, fault in rows],
        [line.kind for _, line, _ in rows],
        [line.ref for _, line, _ in rows],
        [line.day for _, line, _ in rows],
        [line.amount_tiyn for _, line, _ in rows],
        [key_of(keyring, source, line) for _, line, _ in rows],
        [seal(keyring, file_id, line) for file_id, line, _ in rows],
        at,
    )


async def _repair(
    tx: Tx, keyring: Keyring, file: Working, clashes: Sequence[StagedLine], at: datetime
) -> None:
    rows = [
        (
            file.file_id,
            Line(
                number=c.line,
                kind=c.kind,
                ref=c.ref,
                day=c.day,
                amount_tiyn=c.amount_tiyn,
                period=c.period,
                receipt_kind=c.receipt_kind,
                payer=c.payer_bin,
                payer_kind=c.payer_kind,
                original_ref=c.original_ref,
            ),
            Fault.DUPLICATE_RECEIPT,
        )
        for c in clashes
    ]
    await add_repairs(tx, keyring, file.source, rows, at)


def _line_of(one: Original) -> Line:
    return Line(
        one.line, one.kind, one.ref, one.day, one.amount_tiyn, original_ref=one.original_ref
    )


async def decided(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    """An officer decided about a held file: it is applied, or its rows are cleared away."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        held = await files.OF_HOLD.get(tx, hold_id)
        file = await files.WORK.get(tx, held.file_id)
        if file.status is not FileStatus.HELD:
            return
        if verdict is Verdict.DISCARD:
            await files.SET_STATUS.run(tx, file.file_id, FileStatus.DISCARDED, None, now)
        elif await brake.take(tx, hold_id, at=now) is not None:
            await files.SET_STATUS.run(tx, file.file_id, FileStatus.APPLYING, None, None)
        await enqueue(tx, file.file_id)
