"""Use cases of persons: entered by a MIS, seen by a doctor, found by IIN, opened for the entitled."""

import asyncio
import heapq
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import legal_date, legal_midnight
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access
from backend.registry.account.events import AccountsOpened
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import queries
from backend.registry.person.claiming import claim, named, resolve
from backend.registry.person.errors import InsuredNotFound
from backend.registry.person.model import (
    Entered,
    Identity,
    PersonBatch,
    PersonEntry,
    SeenBatch,
    SeenVisit,
    Signalled,
)
from backend.registry.person.rules import NameKey, order_of

__all__ = [
    "claim", "disclose", "enter", "identities", "identity", "in_order", "named", "resolve", "see",
]  # fmt: skip
_OPENED_AT_ONCE = 500  # identities, between two breaths of the event loop
# M §4(1): the registrar opens the insured's accounts automatically.
AUTOMATIC = f"{Role.REGISTRAR}:automatic"


async def enter(resources: Resources, actor: Actor, batch: PersonBatch) -> FeedAnswer:
    """Enter persons of a MIS; accounts open where the visit has been seen (M §4(1), D11).

    Raises BatchChanged.
    """

    async def take(tx: Tx) -> FeedAnswer:
        refused, taken = _judge_entries(batch.persons)
        now = resources.clock.now()
        ids = await claim(tx, resources.keyring, taken, at=now)
        rows = [(ids[iin], entry) for iin, entry in taken.items()]
        changed = await _enter_identities(tx, resources.keyring, rows, now)
        await queries.SET_REGIONS.run(tx, [p for p, _ in rows], [e.region for _, e in rows])
        await queries.LOCK_ACCOUNTS.all(tx, [p for p, _ in rows])
        signalled = await queries.SIGNAL_MIS.all(tx, [p for p, _ in rows], now)
        opened = await _open(tx, signalled, batch.batch_id, actor, now)
        known = [e for e in changed if e.person_id not in opened]
        await _log_changes(tx, known, str(batch.batch_id), actor, now)
        accepted = len({e.person_id for e in changed} | {s.person_id for s in signalled})
        repeated = len(batch.persons) - len(refused) - accepted
        return FeedAnswer(accepted, repeated, tuple(refused))

    return await feed.once(resources, actor, "persons", batch.batch_id, batch, take)


async def see(resources: Resources, actor: Actor, batch: SeenBatch) -> FeedAnswer:
    """Take visits to doctors; accounts open where the MIS has entered the person (M §4(1), D11).

    Raises BatchChanged.
    """

    async def take(tx: Tx) -> FeedAnswer:
        now = resources.clock.now()
        refused, taken = _judge_visits(batch.visits, now)
        ids = await claim(tx, resources.keyring, taken, at=now)
        persons = [ids[iin] for iin in taken]
        seen_at = [legal_midnight(visit.seen_on) for visit in taken.values()]
        await queries.LOCK_ACCOUNTS.all(tx, persons)
        signalled = await queries.SIGNAL_VISIT.all(tx, persons, now, seen_at)
        await _open(tx, signalled, batch.batch_id, actor, now)
        repeated = len(batch.visits) - len(refused) - len(signalled)
        return FeedAnswer(len(signalled), repeated, tuple(refused))

    return await feed.once(resources, actor, "visits-seen", batch.batch_id, batch, take)


async def identity(where: Executor, keyring: Keyring, person_id: UUID) -> Identity:
    """Who the person is. Works under the registry's role only. Raises InsuredNotFound."""
    found = await identities(where, keyring, [person_id])
    if person_id not in found:
        raise InsuredNotFound
    return found[person_id]


async def identities(
    where: Executor, keyring: Keyring, persons: list[UUID]
) -> dict[UUID, Identity]:
    """Who those persons are; who was never entered is left out. The registry's role only."""
    return {
        row.person_id: msgspec.json.decode(
            keyring.open(row.sealed, row.person_id.bytes), type=Identity
        )
        for row in await queries.IDENTITIES.all(where, persons)
    }


async def disclose(
    tx: Tx, keyring: Keyring, access: Access, people: list[UUID], *, at: datetime
) -> dict[UUID, Identity]:
    """Who those persons are, for somebody else, and the note of it in the same transaction.

    The only way to another person's identity. The registry's role only.
    """
    found = await identities(tx, keyring, people)
    await access_records.record(tx, access, found, at=at)
    return found


async def in_order(
    tx: Tx,
    keyring: Keyring,
    access: Access,
    people: Sequence[UUID],
    language: str,
    *,
    after: UUID | None,
    limit: int,
    at: datetime,
) -> list[tuple[UUID, Identity]]:
    """The next `limit` of `people` by name, behind the person `after`; those shown are noted.

    Names lie sealed: all are opened, some at a time, and no more are held than are shown, two for each.
    The cursor is a person's opaque id: no name ever stands in an address. The registry's role only.
    """
    start = None
    if after is not None:
        start = order_of((await identity(tx, keyring, after)), language)
    best: list[tuple[NameKey, UUID, Identity]] = []
    for place in range(0, len(people), _OPENED_AT_ONCE):
        some = await identities(tx, keyring, list(people[place : place + _OPENED_AT_ONCE]))
        ranked = ((order_of(who, language), person_id, who) for person_id, who in some.items())
        further = [found for found in ranked if start is None or found[0] > start]
        best = heapq.nsmallest(limit, [*best, *further], key=lambda found: found[:2])
        await asyncio.sleep(0)  # others are served meanwhile
    await access_records.record(tx, access, [person_id for _, person_id, _ in best], at=at)
    return [(person_id, who) for _, person_id, who in best]


def _judge_entries(
    entries: Sequence[PersonEntry],
) -> tuple[list[RefusedRow], dict[str, PersonEntry]]:
    """Refused rows, and what is taken by IIN: of two rows of one person the later."""
    refused: list[RefusedRow] = []
    taken: dict[str, PersonEntry] = {}
    for index, entry in enumerate(entries):
        check = check_number(entry.iin)
        if not check.valid or check.kind is not NumberKind.IIN:
            refused.append(RefusedRow(index, Row.IIN_INVALID, f"$.persons[{index}].iin"))
        elif check.birth_date != entry.birth_date:
            path = f"$.persons[{index}].birth_date"
            refused.append(RefusedRow(index, Row.BIRTH_DATE_MISMATCH, path))
        else:
            taken[entry.iin] = entry
    return refused, taken


def _judge_visits(
    visits: Sequence[SeenVisit], now: datetime
) -> tuple[list[RefusedRow], dict[str, SeenVisit]]:
    """Refused rows, and what is taken by IIN: of two visits of one person the earlier row."""
    refused: list[RefusedRow] = []
    taken: dict[str, SeenVisit] = {}
    today = legal_date(now)
    for index, visit in enumerate(visits):
        check = check_number(visit.iin)
        if not check.valid or check.kind is not NumberKind.IIN:
            refused.append(RefusedRow(index, Row.IIN_INVALID, f"$.visits[{index}].iin"))
        elif visit.seen_on > today:
            path = f"$.visits[{index}].seen_on"
            refused.append(RefusedRow(index, Row.DATE_IN_FUTURE, path))
        else:
            taken.setdefault(visit.iin, visit)
    return refused, taken


async def _enter_identities(
    tx: Tx, keyring: Keyring, rows: Sequence[tuple[UUID, PersonEntry]], now: datetime
) -> list[Entered]:
    """Seal and store; the persons about whom anything was new."""
    sealed: list[bytes] = []
    fingerprints: list[bytes] = []
    for person_id, entry in rows:
        plain = msgspec.json.encode(
            Identity(
                iin=entry.iin,
                surname=entry.surname,
                name=entry.name,
                patronymic=entry.patronymic,
                birth_date=entry.birth_date,
                address=entry.address,
                document_no=entry.document_no,
                phone=entry.phone,
            )
        )
        sealed.append(keyring.seal(plain, person_id.bytes))
        fingerprints.append(keyring.lookup("identity", plain.decode()))
    return await queries.ENTER.all(tx, [p for p, _ in rows], sealed, fingerprints, now)


async def _open(
    tx: Tx, signalled: Sequence[Signalled], batch_id: UUID, actor: Actor, now: datetime
) -> set[UUID]:
    """Log the accounts that the second signal opened, and tell."""
    opened = {s.person_id for s in signalled if s.opened}
    if opened:
        content = {"before": {"status": "NONE"}, "after": {"status": "OPEN"}}
        await log.append(tx, _operations(opened, "OPEN", AUTOMATIC, str(batch_id), now, content))
        await events.append(tx, AccountsOpened(batch_id, len(opened)), by=actor, at=now)
    return opened


async def _log_changes(
    tx: Tx, changed: Sequence[Entered], batch_id: str, actor: Actor, now: datetime
) -> None:
    """Changed identities of accounts that were open before are operations (M §28).

    Before and after are keyed hashes: they show whether it is the same, and nobody who it is.
    """
    known = set(await queries.OPENED.all(tx, [e.person_id for e in changed]))
    operations = [
        operation
        for e in changed
        if e.person_id in known
        for operation in _operations(
            {e.person_id},
            "CHANGE",
            actor.label,
            batch_id,
            now,
            {
                "before": {"identity": e.before and e.before.hex()},
                "after": {"identity": e.after.hex(), "changed": ["identity"]},
            },
        )
    ]
    await log.append(tx, operations)


def _operations(
    persons: set[UUID],
    op_type: str,
    actor: str,
    batch_id: str,
    at: datetime,
    content: dict[str, Any],
) -> list[NewOperation]:
    return [
        NewOperation(
            subject_id=person_id,
            op_class=OpClass.ACCOUNT,
            op_type=op_type,
            at=at,
            actor=actor,
            basis_kind=BasisKind.EVENT,
            basis_id=batch_id,
            content=content,
        )
        for person_id in persons
    ]
