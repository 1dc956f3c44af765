"""The executor signs a supplementary agreement (domain 3.5): money and lines in one transaction."""

from datetime import datetime
from uuid import UUID

from backend.allocation.amendment import service as amendments
from backend.allocation.amendment.errors import AmendmentNotFound
from backend.allocation.amendment.model import Amendment
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx
from backend.payments.amendment import queries
from backend.payments.budget import service as budget
from backend.payments.budget.model import PlanMoney
from backend.payments.ledger.errors import BalanceTooSmall
from backend.signing.evidence.model import Proof


async def content(db: Db, amendment_id: UUID) -> bytes:
    """The bytes to be signed. Raises AmendmentNotFound."""
    head = await queries.HEAD.one(db, amendment_id)
    if head is None:
        raise AmendmentNotFound
    return head.content


async def sign(db: Db, clock: Clock, actor: Actor, amendment_id: UUID, proof: Proof) -> Amendment:
    """Conclude the agreement: lines get their new sums, the ledger follows, both or neither.

    A line keeps at least what signed acts took of it and waiting ones ask for; more comes from what of
    the plan's line is not contracted. Raises BalanceTooSmall, and as `amendments.conclude`.
    """
    now = clock.now()
    async with db.transaction() as tx:
        head = await queries.HEAD.one(tx, amendment_id)
        if head is None:
            raise AmendmentNotFound
        amended = await amendments.conclude(tx, actor, amendment_id, proof, at=now)
        await budget.change_plan(
            tx, head.plan_id, head.change_id, now
        )  # its job may be still to come
        await _move(tx, amendment_id, head.contract_id, now)
        return amended


async def _move(tx: Tx, amendment_id: UUID, contract_id: UUID, at: datetime) -> None:
    lines = await queries.LINES.all(tx, amendment_id)
    waiting = {line.line_id: line.waiting_tiyn for line in lines}
    moved = [PlanMoney(line.line_id, line.source, line.more_tiyn) for line in lines]
    left = await budget.amend_contract(tx, contract_id, amendment_id, moved, at)
    for line in moved:
        if line.amount_tiyn < 0 and left[line.line_id] < waiting[line.line_id]:
            raise BalanceTooSmall
