"""Reversals: an operation on a policy made in error is undone by a new one that names it (D2)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.order.model import Reason, RunningOrder, Served
from backend.registry.order.queries import progress
from backend.registry.order.queries import reverse as queries
from backend.registry.order.queries.reverse import Held
from backend.registry.policy.model import PolicyOperation, PolicyStatus

_DATA: Final = ("mhi", "tariff_set", "rule_set")


class _Impossible(Exception):
    """What stands now does not follow from the operation: `reason` tells why it stays."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


async def reverse(tx: Tx, order: RunningOrder, *, at: datetime) -> Served:
    """Undo what the operation did and log that as an operation of M §29 with `reverses`.

    The holder's chain is locked. What cannot be undone is refused: the operation is none of a policy,
    was reversed before, or the policy has changed since.
    """
    scope = order.scope
    person_id, seq = scope.person_id, scope.seq
    assert person_id is not None
    assert seq is not None
    try:
        operation = await _undo(tx, order, person_id, seq, at)
    except _Impossible as why:
        await progress.ADD_REFUSAL.run(tx, order.order_id, person_id, why.reason)
        return Served(0, 1)
    await log.append(tx, [operation])
    await queries.REVERSED.run(tx, person_id, seq)
    return Served(1, 0)


async def _undo(
    tx: Tx, order: RunningOrder, person_id: UUID, seq: int, at: datetime
) -> NewOperation:
    found = await log.of_subject(tx, person_id, after=seq - 1, limit=1)
    if not found or found[0].seq != seq or found[0].op_class is not OpClass.POLICY:
        raise _Impossible(Reason.NOT_REVERSIBLE)
    if await queries.IS_REVERSED.one(tx, person_id, seq) is not None:
        raise _Impossible(Reason.NOT_REVERSIBLE)
    content = msgspec.json.decode(found[0].content)
    policy = await queries.HELD.one(tx, person_id, UUID(content["policy"]))
    if policy is None:
        raise _Impossible(Reason.NO_POLICY)
    op_type, before, after = undone(
        PolicyOperation(found[0].op_type), content, policy, legal_date(at).year
    )
    merged: dict[str, Any] = {
        "status": policy.status,
        **{name: getattr(policy, name) for name in _DATA},
        **after,
    }
    await queries.RESTORE.run(
        tx, person_id, policy.policy_id, merged["status"], *(merged[name] for name in _DATA)
    )
    return NewOperation(
        subject_id=person_id,
        op_class=OpClass.POLICY,
        op_type=op_type,
        at=at,
        actor=order.actor,
        basis_kind=BasisKind.ORDER,
        basis_id=str(order.order_id),
        content={
            "after": after,
            "before": before,
            "policy": policy.policy_id,
            "reverses": seq,
        },
    )


def undone(
    operation: PolicyOperation, content: dict[str, Any], policy: Held, this_year: int
) -> tuple[PolicyOperation, dict[str, Any], dict[str, Any]]:
    """The operation that undoes this one, and what it finds and leaves. Pure.

    Raises _Impossible when the policy is no longer as the operation left it. An executor's change follows
    the MIS and is put right there (M §38); the end of the year is final.
    """
    now = {"status": policy.status.value, **{name: getattr(policy, name) for name in _DATA}}
    if operation is PolicyOperation.ISSUE:
        _require(policy.status in (PolicyStatus.ISSUED, PolicyStatus.CREDITED))
        return PolicyOperation.CANCEL, {"status": now["status"]}, {"status": "CANCELLED"}
    if operation is PolicyOperation.EXECUTOR_CHANGED:
        raise _Impossible(Reason.NOT_REVERSIBLE)
    before, after = content["before"], content["after"]
    _require(all(now.get(name) == value for name, value in after.items()))
    _require(after.get("status") != PolicyStatus.EXPIRED)
    if operation is PolicyOperation.CANCEL:
        if policy.other:
            raise _Impossible(Reason.POLICY_EXISTS)
        if policy.year < this_year:
            return PolicyOperation.CHANGE, after, {"status": "EXPIRED"}
    return PolicyOperation.CHANGE, after, before


def _require(holds: bool) -> None:
    if not holds:
        raise _Impossible(Reason.NOT_REVERSIBLE)
