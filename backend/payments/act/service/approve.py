"""The issuer signs an act: it is accepted, and each insured's account says what was used (M §13)."""

from datetime import datetime

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.payments.act import approval_queries as queries
from backend.payments.act.errors import (
    ActNotFound,
    ActStateWrong,
    ContentMismatch,
    NotInOrder,
    OverContract,
)
from backend.payments.act.events import ActApproved
from backend.payments.act.model import Act, ActRow, ActStatus, ApproveAct
from backend.payments.act.service import coverage, read
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.errors import BalanceTooSmall
from backend.payments.ledger.model import TransferKind
from backend.payments.suspension.errors import Suspended
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def approve(resources: Resources, actor: Actor, signed: Signed[ApproveAct]) -> Act:
    """Accept an act, in the order of submission; frozen and held ones are passed over (D8).

    Raises ActNotFound, ActStateWrong, ContentMismatch, Suspended, NotInOrder, OverContract.
    """
    command, now = signed.command, resources.clock.now()
    db = resources.db.payments
    try:
        async with db.transaction() as tx:
            act = await queries.FOR_APPROVAL.one(tx, command.act_id)
            _require_approvable(act, command)
            assert act is not None
            await _require_in_order(tx, act, now)
            evidence_id = await evidence.store(tx, signed)
            await _accept(tx, act, now)
            await queries.SIGN.run(tx, act.act_id, evidence_id, now)
            await coverage.log(tx, actor, act.act_id, coverage.USED, now)
            approved = ActApproved(
                act.act_id, act.contract_id, act.executor_id, act.cases, act.total_tiyn
            )
            await events.append(tx, approved, by=actor, at=now)
            accepted = await read.act(tx, act.act_id, None)
            if accepted.frozen is not None:  # a cause came up while this was under way
                raise Suspended(ground=accepted.frozen)
            return accepted
    except BalanceTooSmall:
        # The queue must not wait for an act that cannot be accepted (D8).
        await queries.HOLD.run(db, command.act_id, OverContract.code)
        raise OverContract from None


def _require_approvable(act: ActRow | None, command: ApproveAct) -> None:
    if act is None:
        raise ActNotFound
    if act.status is not ActStatus.CHECK_PASSED:
        raise ActStateWrong(status=act.status)
    if act.content_sha256.hex() != command.content_sha256:
        raise ContentMismatch(path="$.content_sha256")
    if act.frozen is not None:
        raise Suspended(ground=act.frozen)


async def _require_in_order(tx: Tx, act: ActRow, now: datetime) -> None:
    earlier = await queries.EARLIER.one(tx, act.seq_no)
    if earlier is not None:
        raise NotInOrder(next=earlier)
    await queries.SKIP_EARLIER.run(tx, act.seq_no, act.act_id, now)


async def _accept(tx: Tx, act: ActRow, now: datetime) -> None:
    """contract -> accepted, line by line; BalanceTooSmall when the contract does not hold it."""
    accepted = accounts.accepted(act.contract_id, act.source)
    entries = [
        entry
        for line in await queries.LINES.all(tx, act.act_id)
        for entry in accounts.move(
            line.amount_tiyn,
            accounts.contract_line(act.contract_id, line.line_id, act.source),
            accepted,
        )
    ]
    await ledger.post(tx, f"act:{act.act_id}", TransferKind.ACT_ACCEPTED, entries, now)
