"""Putting grounds on accounts and closing them, in the caller's transaction: sets, never one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.kernel.calendar import LegalCalendar
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.registry.account.model import AccountStatus
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.policy import service as policies
from backend.registry.restriction import queries, rules
from backend.registry.restriction.model import (
    Action,
    NewRestriction,
    Owner,
    Reason,
    Restriction,
)


async def owners(
    tx: Tx, persons: Sequence[UUID], organisations: Sequence[UUID]
) -> dict[UUID, Owner]:
    """Those accounts, locked: the insured's under the lock that orders of policies take too."""
    if persons:
        await log.lock(tx, sorted(persons))
    found = await queries.PERSONS.all(tx, sorted(persons)) if persons else []
    if organisations:
        found += await queries.ORGANISATIONS.all(tx, list(organisations))
    return {owner.subject_id: owner for owner in found}


async def standing(where: Executor, subjects: Sequence[UUID]) -> dict[UUID, list[Restriction]]:
    """The grounds that stand on those accounts."""
    found: dict[UUID, list[Restriction]] = {subject: [] for subject in subjects}
    for restriction in await queries.STANDING.all(where, list(subjects)):
        found[restriction.subject_id].append(restriction)
    return found


async def reasons(where: Executor, subject_id: UUID) -> list[Reason]:
    """Why an account is blocked, as its holder may know."""
    return await queries.REASONS.all(where, subject_id)


async def put(
    tx: Tx,
    calendar: LegalCalendar,
    holders: Mapping[UUID, Owner],
    grounds: Sequence[NewRestriction],
    *,
    actor: str,
    at: datetime,
) -> list[NewRestriction]:
    """Block accounts (M §33); those grounds that were new. `holders` are locked and may be blocked.

    A ground that stands already is passed over; one more ground upon a blocked account is logged as
    an operation too, so that lifting the one never lifts the other.
    """
    before = await standing(tx, list(holders))
    known = {
        (subject, *rules.key(r.ground, r.fact, r.basis_id))
        for subject, there in before.items()
        for r in there
    }
    new: list[NewRestriction] = []
    for ground in grounds:
        found = (ground.subject_id, *rules.key(ground.ground, ground.fact, ground.basis_id))
        if found not in known:
            known.add(found)
            new.append(ground)
    ids = [uuid7() for _ in new]
    await queries.ADD.run(
        tx,
        [g.subject_id for g in new],
        ids,
        [holders[g.subject_id].holder for g in new],
        [g.ground for g in new],
        [g.fact for g in new],
        [g.basis_kind for g in new],
        [g.basis_id for g in new],
        [msgspec.json.encode(g.basis).decode() for g in new],
        [g.article_98 for g in new],
        at,
        [rules.close_due(calendar, g.fact, at) for g in new],
        [rules.told_at(g.fact, at) for g in new],
    )
    met = {g.subject_id: holders[g.subject_id] for g in new}
    await set_status(tx, list(met.values()), AccountStatus.BLOCKED, at=at)
    await log.append(tx, _blockings(met, new, ids, actor, at))
    return new


def _blockings(
    met: Mapping[UUID, Owner],
    new: Sequence[NewRestriction],
    ids: Sequence[UUID],
    actor: str,
    at: datetime,
) -> list[NewOperation]:
    status = {subject: owner.status for subject, owner in met.items()}
    operations = []
    for ground, restriction_id in zip(new, ids, strict=True):
        content = {
            "before": {"status": status[ground.subject_id]},
            "after": {"status": AccountStatus.BLOCKED},
            "ground": ground.ground,
            "fact": ground.fact,
            "basis": ground.basis,
            "article_98": ground.article_98,
            "restrictions": [restriction_id],
        }
        status[ground.subject_id] = AccountStatus.BLOCKED
        operations.append(
            operation(
                ground.subject_id,
                Action.BLOCK,
                actor,
                ground.basis_kind,
                ground.basis_id,
                content,
                at,
            )
        )
    return operations


async def close(
    tx: Tx,
    closing: Sequence[Owner],
    contents: Mapping[UUID, dict[str, Any]],
    bases: Mapping[UUID, tuple[BasisKind, str]],
    *,
    actor: str,
    at: datetime,
) -> int:
    """Close locked accounts (M §34), the insured's live policies with them (D13); how many policies."""
    grounds = await standing(tx, [o.subject_id for o in closing])
    await set_status(tx, closing, AccountStatus.CLOSED, at=at)
    await queries.CLOSE.run(tx, [o.subject_id for o in closing], at)
    await log.append(
        tx,
        [
            operation(
                o.subject_id,
                Action.CLOSE,
                actor,
                *bases[o.subject_id],
                {
                    "before": {"status": o.status},
                    "after": {"status": AccountStatus.CLOSED},
                    "restrictions": [r.restriction_id for r in grounds[o.subject_id]],
                    **contents[o.subject_id],
                },
                at,
            )
            for o in closing
        ],
    )
    people = {o.subject_id: bases[o.subject_id] for o in closing if o.person}
    return await policies.cancel(tx, people, actor=actor, at=at) if people else 0


async def close_no_more(tx: Tx, subjects: Sequence[UUID], basis_id: str) -> None:
    """The record these accounts were blocked on never held: none closes by itself on it."""
    await queries.CLOSE_NO_MORE.run(tx, list(subjects), basis_id)


async def set_status(tx: Tx, of: Sequence[Owner], status: AccountStatus, *, at: datetime) -> None:
    """Give locked accounts a status; those that have it keep it."""
    changed = [o for o in of if o.status is not status]
    if persons := [o.subject_id for o in changed if o.person]:
        await queries.SET_PERSONS.run(tx, persons, status)
    if organisations := [o.subject_id for o in changed if not o.person]:
        await queries.SET_ORGANISATIONS.run(tx, organisations, status, at)


def operation(
    subject_id: UUID,
    op_type: str,
    actor: str,
    basis_kind: BasisKind,
    basis_id: str,
    content: dict[str, Any],
    at: datetime,
) -> NewOperation:
    """An operation on an account (M §28)."""
    return NewOperation(
        subject_id=subject_id,
        op_class=OpClass.ACCOUNT,
        op_type=op_type,
        at=at,
        actor=actor,
        basis_kind=basis_kind,
        basis_id=basis_id,
        content=content,
    )
