"""Accepting orders and carrying them out: in chunks, each person once, whatever crashes."""

from datetime import date
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.entitlement import service as entitlement
from backend.registry.log import service as log
from backend.registry.order import queries, rules
from backend.registry.order.errors import OrderNotFound
from backend.registry.order.events import OrderAccepted, PoliciesIssued
from backend.registry.order.model import IssuePolicies, Order, RunningOrder
from backend.registry.policy.model import RULE_SET, TARIFF_SET
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

JOB = "registry.run_order"
CHUNK = 5_000  # persons in one transaction: a fraction of a second, and a worker killed loses that


async def accept(resources: Resources, actor: Actor, signed: Signed[IssuePolicies]) -> Order:
    """Accept the issuer's signed order; a job carries it out (M §3(2), §35).

    Raises AccountNotOpen, PilotExpired, YearNotOpen.
    """
    now, command, config = resources.clock.now(), signed.command, resources.config
    rules.require_issuable(
        command.year,
        legal_date(now),
        date.fromisoformat(config.pilot_valid_from),
        date.fromisoformat(config.pilot_valid_to),
    )
    order_id = uuid7()
    async with resources.db.registry.transaction() as tx:
        issuer = await accounts.require(tx, actor.bin or "")
        accounts.require_open(issuer)
        evidence_id = await evidence.store(tx, signed)
        operation = signed.proof.operation
        await queries.ADD.run(tx, order_id, evidence_id, operation, command, actor.label, now)
        parts = rules.parts()
        await queries.ADD_PARTS.run(
            tx,
            order_id,
            [p.part for p in parts],
            [p.after for p in parts],
            [p.until for p in parts],
        )
        await jobs.enqueue(tx, JOB, {"order_id": str(order_id)}, dedupe_key=f"order:{order_id}")
        await events.append(tx, OrderAccepted(order_id, operation), by=actor, at=now)
        return await find(tx, order_id)


async def find(where: Executor, order_id: UUID) -> Order:
    """An order with its progress. Raises OrderNotFound."""
    order = await queries.FIND.one(where, order_id)
    if order is None:
        raise OrderNotFound
    return order


async def run(db: Db, clock: Clock, order_id: UUID, *, chunk: int = CHUNK) -> None:
    """Carry out an order to its end, or as far as other workers leave anything to do.

    May be run by several workers, killed and begun again: progress is committed with the policies it
    counts, and the database has one policy per person and year.
    """
    order = await queries.RUNNING.one(db, order_id)
    if order is None:
        return
    await queries.START.run(db, order_id, order.scope.year, order.scope.region)
    while await run_chunk(db, order, chunk):
        pass
    now = clock.now()
    async with db.transaction() as tx:
        done = await queries.FINISH.one(tx, order_id, now)
        if done is not None:
            issued = PoliciesIssued(order_id, order.scope.year, done)
            await events.append(tx, issued, by=SYSTEM, at=now)


async def run_chunk(db: Db, order: RunningOrder, chunk: int) -> bool:
    """Serve up to `chunk` persons of a part nobody else works on; False when there is none."""
    async with db.transaction() as tx:
        part = await queries.TAKE_PART.one(tx, order.order_id)
        if part is None:
            return False
        persons = await queries.NEXT_PERSONS.all(
            tx, part.after, part.until, order.scope.region, chunk
        )
        issued = await _issue(tx, order, persons) if persons else 0
        finished = len(persons) < chunk
        after = part.until if finished else persons[-1]
        await queries.ADVANCE.run(tx, order.order_id, part.part, after, issued, finished)
    return True


async def _issue(tx: Tx, order: RunningOrder, persons: list[UUID]) -> int:
    """Issue and credit the policies of these persons; how many. The order's day decides all."""
    issued_on = legal_date(order.created_at)
    valid_from, valid_to = rules.validity(order.scope.year, issued_on)
    await log.lock(tx, persons)
    insured = await entitlement.entitled(tx, persons, issued_on)
    return await queries.ISSUE.get(
        tx,
        list(insured),
        list(insured.values()),
        order.scope.year,
        TARIFF_SET,
        RULE_SET,
        issued_on,
        valid_from,
        valid_to,
        order.order_id,
        order.created_at,
        order.actor,
    )
