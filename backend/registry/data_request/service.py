"""Use cases of requests for data (M §25)."""

from uuid import UUID

import asyncpg

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.data_request import queries, rules
from backend.registry.data_request.errors import DataRequestAnswered, DataRequestUnknown
from backend.registry.data_request.events import DataAskedFor, DataRequestSettled
from backend.registry.data_request.model import AskForData, EnterAnswer, Outcome, StoredRequest
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def ask(resources: Resources, actor: Actor, signed: Signed[AskForData]) -> StoredRequest:
    """Register a written request under the next number of its year.

    Raises BinInvalid, DataRequestPersonal, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    rules.require_sound(command)
    request_id, year = uuid7(), legal_date(now).year
    async with resources.db.registry.transaction() as tx:
        number = f"{year}-DEREK-{await queries.NEXT_NO.get(tx, year):05}"
        await queries.ADD.run(
            tx,
            request_id,
            number,
            command.body_bin,
            command.body_name,
            command.purpose,
            command.asked,
            now,
            actor.label,
            await evidence.store(tx, signed),
        )
        told = DataAskedFor(request_id, number, command.purpose)
        await events.append(tx, told, by=actor, at=now)
        return await queries.LIST.get(tx, request_id, False, None, 1)


async def answer(resources: Resources, actor: Actor, signed: Signed[EnterAnswer]) -> StoredRequest:
    """Enter what the body answered; several times while it gave only part.

    Raises DataRequestUnknown, DataRequestAnswered, DataRequestDates, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    try:
        async with resources.db.registry.transaction() as tx:
            asked = await queries.LIST.one(tx, command.request_id, False, None, 1)
            if asked is None:
                raise DataRequestUnknown(path="$.request_id")
            rules.require_day(command.answered_on, legal_date(asked.asked_at), legal_date(now))
            before = await queries.OUTCOMES.all(tx, command.request_id)
            if any(outcome is not Outcome.PARTLY for outcome in before):
                raise DataRequestAnswered
            await queries.ADD_ANSWER.run(
                tx,
                command.request_id,
                len(before) + 1,
                command.outcome,
                command.answered_on,
                command.paper,
                now,
                await evidence.store(tx, signed),
            )
            told = DataRequestSettled(command.request_id, command.outcome)
            await events.append(tx, told, by=actor, at=now)
            return await queries.LIST.get(tx, command.request_id, False, None, 1)
    except asyncpg.UniqueViolationError as e:
        if violated(e) in queries.ANSWER_KEYS:
            raise DataRequestAnswered from None
        raise


async def listed(db: Db, waiting: bool, before: UUID | None, limit: int) -> list[StoredRequest]:
    """Requests, newest first; `waiting`: only those not answered to the end."""
    return await queries.LIST.all(db, None, waiting, before, limit)
