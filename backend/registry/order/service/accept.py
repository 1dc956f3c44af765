"""Accepting orders: verified before, stored with the job that carries them out."""

from datetime import date
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from backend.kernel import events, jobs
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.order import rules
from backend.registry.order.events import OrderAccepted
from backend.registry.order.model import (
    IssuePolicies,
    Order,
    Part,
    PolicyOrder,
    ReverseOperation,
    Scope,
)
from backend.registry.order.queries import progress as queries
from backend.registry.order.service.show import find
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof, Signed

Ordered = TypeVar("Ordered", bound=PolicyOrder)

JOB: Final = "registry.run_order"


async def accept(resources: Resources, actor: Actor, signed: Signed[Ordered]) -> Order:
    """Accept a signed order about one insured or a class of them; a job carries it out (M §3(2), §29).

    Raises AccountNotOpen, AccountBlocked, PilotExpired, YearNotOpen, OneOrClass, NothingToChange,
    InsuredNotFound, NotAttached, DocumentAlreadyUsed.
    """
    command, config = signed.command, resources.config
    today = legal_date(resources.clock.now())
    rules.require_scope(command)
    if isinstance(command, IssuePolicies):
        first, last = map(date.fromisoformat, (config.pilot_valid_from, config.pilot_valid_to))
        rules.require_issuable(command.year, today, first, last)
    else:
        rules.require_current(command.year, today)
    async with resources.db.registry.transaction() as tx:
        person_id = await _person(tx, resources, command.iin)
        executor_id = await _executor(tx, actor, command.executor, person_id)
        scope = msgspec.convert(
            {
                **msgspec.to_builtins(command),
                "person_id": person_id,
                "executor_id": executor_id if person_id is None else None,
            },
            Scope,
        )
        return await _store(tx, resources, actor, signed.proof, scope)


async def accept_reversal(
    resources: Resources, actor: Actor, signed: Signed[ReverseOperation]
) -> Order:
    """Accept the issuer's order to reverse an operation made in error (D2).

    Raises AccountNotOpen, AccountBlocked, InsuredNotFound, DocumentAlreadyUsed.
    """
    command = signed.command
    async with resources.db.registry.transaction() as tx:
        person_id = await _person(tx, resources, command.iin)
        scope = Scope(
            operation=signed.proof.operation,
            person_id=person_id,
            number=command.number,
            seq=command.seq,
        )
        return await _store(tx, resources, actor, signed.proof, scope)


async def _store(
    tx: Tx,
    resources: Resources,
    actor: Actor,
    proof: Proof,
    scope: Scope,
) -> Order:
    now, order_id, operation = resources.clock.now(), uuid7(), proof.operation
    accounts.require_open(await accounts.require(tx, actor.bin or ""))
    evidence_id = await evidence.store(tx, proof)
    await queries.ADD.run(tx, order_id, evidence_id, operation, scope, actor.label, actor.bin, now)
    parts = await _parts(tx, scope.person_id)
    await queries.ADD_PARTS.run(
        tx,
        order_id,
        [p.part for p in parts],
        [p.after for p in parts],
        [p.until for p in parts],
    )
    if scope.year is not None:
        await queries.ADD_YEAR.run(tx, scope.year)
    await jobs.enqueue(tx, JOB, {"order_id": str(order_id)}, dedupe_key=f"order:{order_id}")
    await events.append(tx, OrderAccepted(order_id, operation), by=actor, at=now)
    return await find(tx, order_id)


async def _parts(tx: Tx, person_id: UUID | None) -> list[Part]:
    if person_id is None:
        return rules.parts()
    return [rules.one(await queries.PART_OF.get(tx, person_id), person_id)]


async def _person(tx: Tx, resources: Resources, iin: str | None) -> UUID | None:
    if iin is None:
        return None
    person_id = (await persons.resolve(tx, resources.keyring, [iin])).get(iin)
    if person_id is None:
        raise InsuredNotFound(path="$.iin")
    return person_id


async def _executor(tx: Tx, actor: Actor, bin_: str | None, person_id: UUID | None) -> UUID | None:
    """The executor whose insured are meant; an executor means its own. Raises NotAttached."""
    if rules.is_issuer(actor):
        return None if bin_ is None else (await accounts.require(tx, bin_)).organisation_id
    own = (await accounts.require(tx, actor.bin or "")).organisation_id
    if bin_ is not None:
        rules.require_own((await accounts.require(tx, bin_)).organisation_id, own, "$.executor")
    if person_id is not None:
        rules.require_own(await queries.ATTACHED_TO.one(tx, person_id), own, "$.iin")
    return own
