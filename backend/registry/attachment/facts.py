"""What batches, files and repaired rows share: judging rows, weighing and applying facts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number
from backend.kernel.sealing import Keyring
from backend.registry.attachment import queries, rules
from backend.registry.attachment.model import (
    AttachmentEntry,
    Change,
    Content,
    Fact,
    HeldFacts,
    Moved,
    Row,
    Taken,
    Told,
)
from backend.registry.brake import service as brake
from backend.registry.brake.model import Run
from backend.registry.facility import service as facilities
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row as Code
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import service as persons
from backend.registry.repair.model import BrokenRow

FEED: Final = "attachments"
APPLY_JOB: Final = "registry.apply_held_attachments"


def rows_of(entries: Iterable[tuple[int, AttachmentEntry]]) -> list[Row]:
    """The rows, each with its place, the person apart from what is told of him."""
    return [
        Row(place, e.iin, Content(e.executor_bin, e.since, e.facility_id, e.seq, e.detached))
        for place, e in entries
    ]


async def judge(
    where: Executor, keyring: Keyring, rows: Sequence[Row], today: date
) -> tuple[list[Fact], list[BrokenRow]]:
    """What can be taken, and what is wrong with the rest; paths are fields of the row."""
    known = await persons.resolve(where, keyring, {row.iin for row in rows})
    entered = set(await queries.ENTERED.all(where, list(known.values())))
    executors = await feed.executors(where, {row.content.executor_bin for row in rows})
    pairs = {
        (row.content.facility_id, executors[row.content.executor_bin])
        for row in rows
        if row.content.facility_id is not None and row.content.executor_bin in executors
    }
    owned = await facilities.owned(where, list(pairs))
    facts: list[Fact] = []
    broken: list[BrokenRow] = []
    for row in rows:
        told = row.content
        person_id, executor_id = known.get(row.iin), executors.get(told.executor_bin)
        if person_id is None or person_id not in entered:
            code = Code.INSURED_NOT_FOUND if _may_exist(row.iin) else Code.IIN_INVALID
            fault = (code, "iin")
        elif executor_id is None:
            fault = (Code.EXECUTOR_NOT_FOUND, "executor_bin")
        elif told.detached is (told.facility_id is not None):
            fault = (Code.ROW_MALFORMED, "facility_id")
        elif told.facility_id is not None and (told.facility_id, executor_id) not in owned:
            fault = (Code.FACILITY_NOT_FOUND, "facility_id")
        elif told.since > today:
            fault = (Code.DATE_IN_FUTURE, "since")
        else:
            facts.append(
                Fact(row.place, person_id, told.since, told.seq, executor_id, told.facility_id)
            )
            continue
        broken.append(BrokenRow(row.place, *fault, row.iin, told))
    return facts, broken


def _may_exist(iin: str) -> bool:
    check = check_number(iin)
    return check.valid and check.kind is NumberKind.IIN


async def take(
    tx: Tx, keyring: Keyring, actor: Actor, told: Told, facts: Sequence[Fact], *, at: datetime
) -> Taken:
    """Record facts and let the state follow, unless the brake holds them all (FAULTS 22)."""
    new = await unknown(tx, told.source, facts)
    repeated = len(facts) - len(new)
    if not new:
        return Taken(repeated=repeated)
    changes = await lock_and_settle(tx, told, new)
    content = msgspec.json.encode(HeldFacts(told, tuple(new)))
    run = Run(FEED, told.source, told.run_id, APPLY_JOB, sha256(content).digest(), content)
    effects = rules.effects(changes)
    if hold_id := await brake.pass_or_hold(tx, keyring, actor, run, effects, at=at):
        return Taken(repeated=repeated, held=len(new), hold_id=hold_id)
    recorded = await apply(tx, told, new, changes, at=at)
    return Taken(recorded, len(facts) - recorded, len(changes))


async def unknown(where: Executor, source: str, facts: Sequence[Fact]) -> list[Fact]:
    """Those this source has not told before. A fact once told is never untold: no lock is needed."""
    places = set(await queries.NEW.all(where, [f.place for f in facts], *columns(facts), source))
    return [f for f in facts if f.place in places]


async def lock_and_settle(tx: Tx, told: Told, facts: Sequence[Fact]) -> list[Change]:
    """What the facts would change, under the lock that orders of policies take too.

    Whoever is attached at the same time waits: both see all facts, so neither can be lost.
    """
    await log.lock(tx, list({f.person_id for f in facts}))
    return await settle(tx, told, facts)


async def settle(where: Executor, told: Told, facts: Sequence[Fact]) -> list[Change]:
    """What the facts would change as things stand: a dry run."""
    return await queries.SETTLE.all(where, *columns(facts), told.source)


async def apply(
    tx: Tx, told: Told, facts: Sequence[Fact], changes: Sequence[Change], *, at: datetime
) -> int:
    """Record the facts, let attachments and live policies follow, log each change; how many were new.

    The persons are locked by the caller, who worked the changes out. Source: M §29(3), §38.
    """
    recorded = await queries.RECORD.run(tx, *columns(facts), told.source, told.run_id, at)
    if changes:
        kept = [c for c in changes if c.executor_id is not None]
        await queries.ATTACH.run(
            tx,
            [c.person_id for c in kept],
            [c.executor_id for c in kept],
            [c.facility_id for c in kept],
            [c.since for c in kept],
        )
        gone = [c.person_id for c in changes if c.executor_id is None]
        if gone:
            await queries.DETACH.run(tx, gone)
        moved = await queries.MOVE_POLICIES.all(
            tx, [c.person_id for c in changes], [c.executor_id for c in changes], legal_date(at)
        )
        await log.append(tx, operations(changes, moved, told, at), locked=True)
    return recorded


async def follow(tx: Tx, told: Told, persons: Sequence[UUID], *, at: datetime) -> int:
    """Let the live policies of `persons` follow their attachment as it is now; how many did."""
    if not persons:
        return 0
    await log.lock(tx, persons)
    moved = await queries.FOLLOW.all(tx, persons, legal_date(at))
    await log.append(tx, operations((), moved, told, at), locked=True)
    return len(moved)


def operations(
    changes: Sequence[Change], moved: Sequence[Moved], told: Told, at: datetime
) -> list[NewOperation]:
    """The change of attachment on the account, then the policy's change of executor (M §28, §29(3))."""
    return [
        NewOperation(
            subject_id=c.person_id,
            op_class=OpClass.ACCOUNT,
            op_type="CHANGE",
            at=at,
            actor=told.actor,
            basis_kind=BasisKind.EVENT,
            basis_id=str(told.run_id),
            content={
                "before": _attachment(c.executor_before, c.facility_before, c.since_before),
                "after": _attachment(c.executor_id, c.facility_id, c.since),
            },
        )
        for c in changes
    ] + [
        NewOperation(
            subject_id=m.person_id,
            op_class=OpClass.POLICY,
            op_type="EXECUTOR_CHANGED",
            at=at,
            actor=told.actor,
            basis_kind=BasisKind.EVENT,
            basis_id=str(told.run_id),
            content={
                "policy": m.policy_id,
                "before": {"executor": m.executor_before},
                "after": {"executor": m.executor_id},
            },
        )
        for m in moved
    ]


def _attachment(
    executor: UUID | None, facility: UUID | None, since: date | None
) -> dict[str, object]:
    return {"executor": executor, "facility": facility, "since": since}


def columns(facts: Sequence[Fact]) -> tuple[list[object], ...]:
    """Facts as the statements take them."""
    return (
        [f.person_id for f in facts],
        [f.since for f in facts],
        [f.seq for f in facts],
        [f.executor_id for f in facts],
        [f.facility_id for f in facts],
    )
