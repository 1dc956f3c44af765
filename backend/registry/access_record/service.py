"""Note who reads whose data, stop nobody, and tell of who looks at too many.

A handler that tells about another person calls `record` in the transaction of the read: when one is
rolled back, so is the other. Where a person is looked up one by one, `count_look` comes first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import Counter

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.batches import Batches
from backend.kernel.clock import legal_date, legal_midnight
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.resources import Resources
from backend.registry.access_record import queries
from backend.registry.access_record.events import AccessRecordsForgotten, LookLimitExceeded
from backend.registry.access_record.model import Access, AccessRecord, Basis, Field
from backend.web import paging
from backend.web.limits import Limit, count

LOOKS = Counter("saqtau_looks", "People looked up one by one by staff and systems")
OVER_LIMIT = Counter("saqtau_looks_over_limit", "Of these, looks beyond the daily limit: alarm")
# Counted, never refused: a day of 24 hours, that begins at 05:00 in Kazakhstan.
_LOOKS_A_DAY = Limit("looks", 10**9, timedelta(days=1))
# How such looks are named; no roles of the matrix.
REPRESENTATIVE = "representative"
REPRESENTED = "represented"
_FORGET_AT_ONCE = 5_000
_NOTED_MAX = 50_000
_noted: OrderedDict[UUID, None] = OrderedDict()  # sessions whose own read stands in the store

log = logs.get("registry.access_record")


async def record(tx: Tx, access: Access, persons: Iterable[UUID], *, at: datetime) -> None:
    """Note that the data of `persons` are read in this transaction; one statement for all of them."""
    people = list(persons)
    if not people:
        return
    actor = access.actor
    await queries.ADD.run(
        tx,
        people,
        at,
        actor.bin,
        min(actor.roles),
        actor.signer,
        access.operation,
        access.basis,
        None if access.basis_id is None else str(access.basis_id),
        list(access.fields),
    )


async def record_own(where: Executor, actor: Actor, operation: str, *, at: datetime) -> UUID:
    """Note the first read of this citizen's session, before it; the person of the session.

    Of a representative every read is noted: the person represented sees each of them.
    """
    assert actor.person_id is not None, "guarded: citizens only"
    if actor.representation_id is not None:
        await queries.ADD.run(
            where,
            [actor.person_id],
            at,
            None,
            REPRESENTATIVE,
            actor.signer,
            operation,
            Basis.REPRESENTATION,
            str(actor.representation_id),
            [Field.RECORD],
        )
        return actor.person_id
    if actor.session_id not in _noted:
        note = (actor.person_id, at, actor.session_id, min(actor.roles), operation)
        if isinstance(where, Db):
            await _own_reads.ask(where, note)
        else:
            await _note(where, [note])
        _noted[actor.session_id] = None
        while len(_noted) > _NOTED_MAX:
            _noted.popitem(last=False)
    return actor.person_id


async def record_names(
    where: Executor,
    actor: Actor,
    operation: str,
    role: str,
    shown: Iterable[tuple[UUID, UUID]],
    *,
    at: datetime,
) -> None:
    """Note that names are told between people one of whom acts for the other: (person, representation).

    `role`: what the one who reads is to the person, REPRESENTATIVE or REPRESENTED.
    """
    pairs = list(shown)
    if pairs:
        people, papers = [person for person, _ in pairs], [str(paper) for _, paper in pairs]
        basis, fields = Basis.REPRESENTATION, [Field.NAME]
        await queries.ADD_EACH.run(
            where, people, papers, at, role, actor.signer, operation, basis, fields
        )


OwnRead = tuple[UUID, datetime, UUID, str, str]  # person, at, session, role, operation


async def _note(where: Executor, reads: Sequence[OwnRead]) -> list[None]:
    await queries.ADD_OWN.run(where, *map(list, zip(*reads, strict=True)))
    return [None] * len(reads)


_own_reads = Batches(_note)  # a morning's citizens each come with a session of their own


async def count_look(resources: Resources, actor: Actor) -> None:
    """Count one look-up by this staff member or system, found or not.

    Beyond `looks_per_day` it goes on, but an event and a metric tell of it (FAULTS 14). Raises
    SourceUnavailable without Valkey: what cannot be counted is not looked up.
    """
    staff = actor.signer.hex() if actor.signer else actor.bin or str(actor.session_id)
    (looks,) = await count(resources, (_LOOKS_A_DAY, staff))
    LOOKS.inc()
    limit = resources.config.looks_per_day
    if looks <= limit:
        return
    OVER_LIMIT.inc()
    if looks == limit + 1 or looks % limit == 0:  # told at once, and again with each further limit
        log.warning("more look-ups than a day's work needs", looks=looks, limit=limit)
        subject = UUID(bytes=resources.keyring.lookup("staff", staff)[:16])
        async with resources.db.registry.transaction() as tx:
            told = LookLimitExceeded(subject, looks, limit)
            await events.append(tx, told, by=actor, at=resources.clock.now())


async def of_person(
    where: Executor, person_id: UUID, cursor: str | None, limit: int
) -> paging.Page[AccessRecord]:
    """Who looked at this person's data, the newest first. Raises BadCursor."""
    rows = await queries.OF_PERSON.all(where, person_id, paging.decode_uuid(cursor), limit + 1)
    return paging.page(rows, limit, lambda r: r.record_id)


async def forget(resources: Resources) -> None:
    """The sweep: once a day the horizon moves, and what lies behind it is forgotten bit by bit."""
    db, now = resources.db.registry, resources.clock.now()
    kept = timedelta(days=resources.config.looks_kept_days)
    wanted = legal_midnight(legal_date(now - kept))
    horizon = await queries.HORIZON.get(db)
    if horizon.before < wanted:
        async with db.transaction() as tx:
            if await queries.MOVE_HORIZON.run(tx, wanted):
                moved = AccessRecordsForgotten(UUID(int=0), wanted)
                await events.append(tx, moved, by=SYSTEM, at=now)
    elif horizon.cleared:
        return
    if await queries.FORGET.run(db, _FORGET_AT_ONCE) < _FORGET_AT_ONCE:
        await queries.CLEARED.run(db, max(wanted, horizon.before))
