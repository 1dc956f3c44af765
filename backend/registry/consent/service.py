"""Consent given, withdrawn and asked for (M §44, D43; R3, R150).

`closed` and `require` are for whoever keeps a channel: they read what stands now, in the caller's own
pool (`registry.consent_state` may be read by visits and egov).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.consent import queries, rules
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.consent.events import ConsentGiven, ConsentWithdrawn
from backend.registry.consent.model import (
    ConsentProof,
    ConsentState,
    ConsentWord,
    GiveConsent,
    OwnConsent,
    Purpose,
    WithdrawConsents,
)
from backend.signing.login import service as login
from backend.web import paging, problems

LIFE = timedelta(days=365)  # [ENG] D43 names no term: a year, then asked for again
_CHANNELS = {Purpose.EGOV, Purpose.BOT}  # those that have sessions


async def give(
    tx: Tx,
    person_id: UUID,
    purposes: Collection[Purpose],
    *,
    by: Actor,
    proof: ConsentProof,
    proof_id: str | None,
    at: datetime,
    life: timedelta = LIFE,
) -> None:
    """Record the consent of `person_id` to `purposes`, in the transaction that proved who said it.

    A representative's session (`by`) says it for the person, and the record says so.
    """
    until = at + life
    paper = by.representation_id
    await _say(tx, person_id, purposes, True, at, until, proof, proof_id, paper)
    facts = [ConsentGiven(person_id, purpose.value, until) for purpose in purposes]
    await events.append_many(tx, facts, by=by, at=at)


async def give_own(resources: Resources, actor: Actor, command: GiveConsent) -> None:
    """The session's own person consents."""
    assert actor.person_id is not None, "guarded: citizens only"
    async with resources.db.registry.transaction() as tx:
        await give(
            tx,
            actor.person_id,
            [command.purpose],
            by=actor,
            proof=ConsentProof.SESSION,
            proof_id=str(actor.session_id),
            at=resources.clock.now(),
            life=timedelta(days=command.days),
        )


async def withdraw(resources: Resources, actor: Actor, command: WithdrawConsents) -> None:
    """The session's own person withdraws; sessions of the closed channels end, this one too.

    A worker closes them again (`close_sessions`) should this process die in between.
    """
    assert actor.person_id is not None, "guarded: citizens only"
    now, purposes = resources.clock.now(), sorted(set(command.purposes))
    proof_id = str(actor.session_id)
    async with resources.db.registry.transaction() as tx:
        proof, paper = ConsentProof.SESSION, actor.representation_id
        await _say(tx, actor.person_id, purposes, False, now, None, proof, proof_id, paper)
        facts = [ConsentWithdrawn(actor.person_id, purpose.value) for purpose in purposes]
        await events.append_many(tx, facts, by=actor, at=now)
    for purpose in purposes:
        await close_sessions(resources.db.signing, actor.person_id, purpose, at=now)


async def close_sessions(db: Db, person_id: UUID, purpose: str, *, at: datetime) -> None:
    """End the person's sessions of a withdrawn channel that were opened up to `at`."""
    if purpose in _CHANNELS:
        await login.close_channel(db, person_id, purpose, at=at)


async def state(where: Executor, person_id: UUID, purpose: Purpose, at: datetime) -> ConsentState:
    """What stands for one purpose."""
    return rules.state_of(await queries.STATE.one(where, person_id, purpose), at)


async def closed(where: Executor, person_id: UUID, purpose: Purpose, at: datetime) -> bool:
    """Whether this channel of the person is closed: consent withdrawn, or run out (D43)."""
    return rules.is_closed(await state(where, person_id, purpose, at))


async def require(where: Executor, person_id: UUID, purpose: Purpose, at: datetime) -> None:
    """Raise ConsentWithdrawnByPerson when the channel is closed."""
    if await closed(where, person_id, purpose, at):
        raise ConsentWithdrawnByPerson(purpose=purpose.value)


async def own(where: Executor, person_id: UUID, language: str, at: datetime) -> list[OwnConsent]:
    """Every purpose, with what stands for it and the purpose in words."""
    found = {row.purpose: row for row in await queries.STATES.all(where, person_id)}
    told = []
    for purpose in Purpose:
        row = found.get(purpose)
        stands = rules.state_of(row, at)
        told.append(
            OwnConsent(
                purpose=purpose,
                state=stands,
                what_for=problems.text(f"CONSENT_{purpose.value}", language, {})[0],
                at=row.at if row else None,
                expires_at=row.expires_at if row else None,
                closed=rules.is_closed(stands),
            )
        )
    return told


async def words(
    where: Executor, person_id: UUID, cursor: str | None, limit: int
) -> paging.Page[ConsentWord]:
    """Everything the person ever said of consent, the newest first. Raises BadCursor."""
    rows = await queries.WORDS.all(where, person_id, paging.decode_uuid(cursor), limit + 1)
    return paging.page(rows, limit, lambda w: w.consent_id)


async def _say(
    tx: Tx,
    person_id: UUID,
    purposes: Collection[Purpose],
    given: bool,
    at: datetime,
    until: datetime | None,
    proof: ConsentProof,
    proof_id: str | None,
    representation_id: UUID | None,
) -> None:
    ids, names = [uuid7() for _ in purposes], [purpose.value for purpose in purposes]
    await queries.ADD.run(
        tx, person_id, ids, names, given, at, until, proof, proof_id, representation_id
    )
    await queries.SET_STATE.run(tx, person_id, ids, names, given, at, until)
