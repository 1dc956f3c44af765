"""Use cases of attachments."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.attachment import queries
from backend.registry.attachment.model import (
    Attached,
    Attachment,
    AttachmentBatch,
    AttachmentEntry,
    Moved,
)
from backend.registry.facility import service as facilities
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import service as persons


async def attach(resources: Resources, actor: Actor, batch: AttachmentBatch) -> FeedAnswer:
    """Attach persons to executors as the MIS says; live policies follow (M §29(3), §38).

    Raises BatchChanged.
    """

    async def take(tx: Tx) -> FeedAnswer:
        now = resources.clock.now()
        refused, taken = await _judge(tx, resources, batch.attachments, legal_date(now))
        # the same lock an order takes: a policy issued meanwhile is seen below
        await log.lock(tx, list(taken))
        changed = await queries.ATTACH.all(
            tx,
            list(taken),
            [executor for executor, _ in taken.values()],
            [entry.facility_id for _, entry in taken.values()],
            [entry.since for _, entry in taken.values()],
        )
        moved = await queries.MOVE_POLICIES.all(
            tx,
            [a.person_id for a in changed],
            [a.executor_id for a in changed],
            legal_date(now),
        )
        await log.append(tx, _operations(changed, moved, actor, str(batch.batch_id), now))
        repeated = len(batch.attachments) - len(refused) - len(changed)
        return FeedAnswer(len(changed), repeated, tuple(refused))

    return await feed.once(resources, actor, "attachments", batch.batch_id, batch, take)


async def of_person(where: Executor, person_id: UUID) -> Attachment | None:
    """The person's attachment now."""
    return await queries.OF_PERSON.one(where, person_id)


async def _judge(
    tx: Tx, resources: Resources, entries: Sequence[AttachmentEntry], today: date
) -> tuple[list[RefusedRow], dict[UUID, tuple[UUID, AttachmentEntry]]]:
    """Refused rows, and what is taken: person -> executor and entry, the last `since` of each."""
    known = await persons.resolve(tx, resources.keyring, {e.iin for e in entries})
    entered = set(await queries.ENTERED.all(tx, list(known.values())))
    executors = await accounts.executor_ids(tx, list({e.executor_bin for e in entries}))
    pairs = {
        (e.facility_id, executors[e.executor_bin]) for e in entries if e.executor_bin in executors
    }
    owned = await facilities.owned(tx, list(pairs))
    refused: list[RefusedRow] = []
    taken: dict[UUID, tuple[UUID, AttachmentEntry]] = {}
    for index, entry in enumerate(entries):
        person_id = known.get(entry.iin)
        executor_id = executors.get(entry.executor_bin)
        fault: tuple[Row, str] | None = None
        if person_id is None or person_id not in entered:
            fault = (Row.INSURED_NOT_FOUND, "iin")
        elif executor_id is None:
            fault = (Row.EXECUTOR_NOT_FOUND, "executor_bin")
        elif (entry.facility_id, executor_id) not in owned:
            fault = (Row.FACILITY_NOT_FOUND, "facility_id")
        elif entry.since > today:
            fault = (Row.DATE_IN_FUTURE, "since")
        elif person_id not in taken or entry.since >= taken[person_id][1].since:
            taken[person_id] = (executor_id, entry)
        if fault is not None:
            refused.append(RefusedRow(index, fault[0], f"$.attachments[{index}].{fault[1]}"))
    return refused, taken


def _operations(
    changed: Sequence[Attached], moved: Sequence[Moved], actor: Actor, batch_id: str, at: datetime
) -> list[NewOperation]:
    """The change of attachment on the account, then the policy's change of executor (M §29(3))."""
    return [
        NewOperation(
            subject_id=a.person_id,
            op_class=OpClass.ACCOUNT,
            op_type="CHANGE",
            at=at,
            actor=actor.label,
            basis_kind=BasisKind.EVENT,
            basis_id=batch_id,
            content={
                "before": {"executor": a.executor_before, "facility": a.facility_before},
                "after": {"executor": a.executor_id, "facility": a.facility_id},
            },
        )
        for a in changed
    ] + [
        NewOperation(
            subject_id=m.person_id,
            op_class=OpClass.POLICY,
            op_type="EXECUTOR_CHANGED",
            at=at,
            actor=actor.label,
            basis_kind=BasisKind.EVENT,
            basis_id=batch_id,
            content={
                "policy": m.policy_id,
                "before": {"executor": m.executor_before},
                "after": {"executor": m.executor_id},
            },
        )
        for m in moved
    ]
