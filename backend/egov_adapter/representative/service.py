"""Act for a child or a ward: confirmed by the state database, bounded by what it covers, each look noted."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.egov_adapter.citizen import limits
from backend.egov_adapter.citizen import service as citizens
from backend.egov_adapter.representative import queries, rules
from backend.egov_adapter.representative.errors import (
    AlreadyRepresented,
    NotForYourself,
    RepresentationNotFound,
    RepresentationUnconfirmed,
)
from backend.egov_adapter.representative.events import (
    RepresentationConfirmed,
    RepresentationEnded,
)
from backend.egov_adapter.representative.model import (
    Represent,
    Representation,
    RepresentativeSession,
    Row,
)
from backend.kernel import events
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.ids import check_number, require_iin, uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person import service as persons
from backend.signing.login import service as login
from backend.sources.gbd_fl import service as gbd_fl
from backend.web.limits import count


async def represent(resources: Resources, actor: Actor, command: Represent) -> Representation:
    """Let the asking citizen act for another, if the state database confirms it (M §23).

    The database is asked first, so that nobody learns here who is insured. Raises IinInvalid,
    NotForYourself, TooMany, SourceUnavailable, RepresentationOver, RepresentationUnconfirmed,
    AlreadyRepresented.
    """
    representative = _own(actor)
    iin, now = require_iin(command.iin, "iin"), resources.clock.now()
    await count(resources, (limits.REPRESENT_PER_PERSON, str(representative)))
    own = await persons.identity(resources.db.registry, resources.keyring, representative)
    if own.iin == iin:
        raise NotForYourself
    question = gbd_fl.RepresentationQuestion(
        own.iin, iin, command.basis.value, command.document.number
    )
    answer = await gbd_fl.confirm_representation(resources.http, resources.config, question)
    found = await persons.resolve(resources.db.registry, resources.keyring, [iin])
    person_id = found.get(iin)
    if not answer.confirmed or person_id is None:
        raise RepresentationUnconfirmed
    today, born = legal_date(now), check_number(iin).birth_date
    valid_to = rules.last_day(command.basis, command.valid_to, answer.until, born, today)
    scopes = rules.covered(command.basis, command.scopes)
    representation_id = uuid7()
    sealed = resources.keyring.seal(
        msgspec.json.encode(command.document), context(representation_id)
    )
    try:
        async with resources.db.egov.transaction() as tx:
            await queries.END_OVER.run(tx, person_id, representative, today, now)
            await queries.ADD.run(
                tx,
                person_id,
                representation_id,
                representative,
                command.basis,
                sorted(scopes),
                sealed,
                valid_to,
                now,
            )
            told = RepresentationConfirmed(person_id, representation_id)
            await events.append(tx, told, by=actor, at=now)
            await access_records.record_names(
                tx,
                actor,
                "RepresentPerson",
                access_records.REPRESENTATIVE,
                [(person_id, representation_id)],
                at=now,
            )
    except asyncpg.UniqueViolationError:
        raise AlreadyRepresented from None
    who = await persons.identity(resources.db.registry, resources.keyring, person_id)
    return Representation(
        representation_id, command.basis, sorted(scopes), valid_to, now, None, who.full_name
    )


async def mine(resources: Resources, actor: Actor) -> list[Representation]:
    """Whom the asking citizen acts, or acted, for; each of them sees that the name was shown."""
    db, now = resources.db.egov, resources.clock.now()
    rows = await queries.OF_REPRESENTATIVE.all(db, _own(actor))
    people = [row.person_id for row in rows]
    shown = [(row.person_id, row.representation_id) for row in rows]
    role = access_records.REPRESENTATIVE
    await access_records.record_names(db, actor, "ListOwnRepresentations", role, shown, at=now)
    return await _told(resources, rows, people)


async def of_me(resources: Resources, actor: Actor, person_id: UUID) -> list[Representation]:
    """Who acts, or acted, for the asking citizen; each of them sees that the name was shown."""
    db, now = resources.db.egov, resources.clock.now()
    rows = await queries.OF_PERSON.all(db, person_id)
    people = [row.representative_id for row in rows]
    shown = [(row.representative_id, row.representation_id) for row in rows]
    role = access_records.REPRESENTED
    await access_records.record_names(db, actor, "ListOwnRepresentatives", role, shown, at=now)
    return await _told(resources, rows, people)


async def open_session(
    resources: Resources, actor: Actor, representation_id: UUID
) -> RepresentativeSession:
    """A session about the person represented, of what the representation covers, and no longer than it.

    Raises RepresentationNotFound, NotForYourself.
    """
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        row = await queries.IN_FORCE.one(tx, representation_id, _own(actor), legal_date(now))
        if row is None:
            raise RepresentationNotFound
        held = row.scopes if actor.scopes is None else row.scopes & actor.scopes
        until = _until(resources, row, now)
        session = Actor(
            uuid7(),
            frozenset({Role.INSURED}),
            person_id=row.person_id,
            signer=actor.signer,
            scopes=held,
            channel=actor.channel,
            representation_id=representation_id,
        )
        token = await login.open_session(tx, resources.keyring, session, at=now, until=until)
    return RepresentativeSession(token, until, sorted(held))


async def end(resources: Resources, actor: Actor, representation_id: UUID) -> None:
    """End it, as the representative or as the person represented; its sessions close at once.

    Raises RepresentationNotFound, NotForYourself.
    """
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        row = await queries.END.one(tx, representation_id, _own(actor), now)
        if row is None:
            raise RepresentationNotFound
        told = RepresentationEnded(row.person_id, representation_id)
        await events.append(tx, told, by=actor, at=now)
    await close_sessions(resources, row.person_id, representation_id)


async def close_sessions(resources: Resources, person_id: UUID, representation_id: UUID) -> None:
    """Close what a representation that is over had opened; a worker does it again after a crash."""
    now = resources.clock.now()
    await login.close_representation(resources.db.signing, person_id, representation_id, at=now)


def context(representation_id: UUID) -> bytes:
    """What the seal of the document is bound to."""
    return b"egov.representation:" + representation_id.bytes


def _own(actor: Actor) -> UUID:
    """The citizen himself: in a representative's session nobody is represented further."""
    assert actor.person_id is not None, "guarded: citizens only"
    if actor.representation_id is not None:
        raise NotForYourself
    return actor.person_id


def _until(resources: Resources, row: Row, now: datetime) -> datetime:
    life = citizens.token_until(resources, now)
    return min(life, end_of_legal_day(row.valid_to))


async def _told(resources: Resources, rows: list[Row], people: list[UUID]) -> list[Representation]:
    names = await persons.identities(resources.db.registry, resources.keyring, people)
    return [
        Representation(
            row.representation_id,
            row.basis,
            sorted(row.scopes),
            row.valid_to,
            row.confirmed_at,
            row.ended_at,
            names[person].full_name if person in names else "",
        )
        for row, person in zip(rows, people, strict=True)
    ]
