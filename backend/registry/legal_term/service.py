"""Use cases of the legal clock."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date, legal_midnight
from backend.kernel.db import Db, Tx
from backend.kernel.resources import Resources
from backend.registry.legal_term import queries, rules
from backend.registry.legal_term.events import TermBreached, TermDueSoon, TermsCountedAnew
from backend.registry.legal_term.model import NoticeKind, TermRow, TermState

_NOTICES_AT_ONCE = 500
_LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00Z")
EXECUTORS = "executors"  # the owner of what all executors owe (d2)


async def listed(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    *,
    code: str | None,
    state: TermState | None,
    owners: Sequence[str] | None,
    after: tuple[datetime, str, UUID] | None,
    limit: int,
) -> list[TermRow]:
    """Terms in order of their end; `owners` None: everybody's."""
    now = clock.now()
    soon = rules.due_soon_until(calendar, now)
    last = after or (None, None, None)
    return await queries.LIST.all(db, now, soon, code, state, owners, *last, limit)


async def owners_of(db: Db, bin_: str) -> list[str]:
    """Under which names an executor owes terms: its own, and what all executors owe."""
    own = await queries.ORGANISATION.one(db, bin_)
    return [EXECUTORS] if own is None else [own, EXECUTORS]


async def watch(resources: Resources) -> tuple[int, int]:
    """Say of each term once that it is due soon and once that it is missed; how many of each now.

    A term that began today and ends tomorrow is told of tomorrow, not at its birth.
    """
    now = resources.clock.now()
    soon = rules.due_soon_until(resources.calendar, now)
    today = legal_midnight(legal_date(now))
    async with resources.db.registry.transaction() as tx:
        missed = await queries.NOTICE.all(
            tx,
            NoticeKind.BREACHED,
            now,
            _LONG_AGO,
            now,
            None,
            _NOTICES_AT_ONCE,
            sorted(rules.SILENCE_CONSENTS),
        )
        near = await queries.NOTICE.all(
            tx, NoticeKind.REMINDED, now, now, soon, today, _NOTICES_AT_ONCE, []
        )
        told = [TermBreached(n.subject, n.code, n.owner, n.due_at) for n in missed]
        remind = [TermDueSoon(n.subject, n.code, n.owner, n.due_at) for n in near]
        await events.append_many(tx, [*told, *remind], by=SYSTEM, at=now)
    return len(near), len(missed)


async def count_anew(
    tx: Tx, calendar: LegalCalendar, *, because: UUID, by: Actor, at: datetime
) -> int:
    """Let every running term end where this calendar says; how many moved.

    What has ended stays ended, and nothing ends before `at`'s own day. Wings that keep a copy of an
    end hear `TermsCountedAnew` about the change `because`.
    """
    groups = await queries.RUNNING.all(tx, at)
    ends = [(group, rules.counted_anew(calendar, group, at)) for group in groups]
    moved = [(group, due_at) for group, due_at in ends if due_at is not None]
    days: list[date] = [group.started_on for group, _ in moved]
    count = await queries.MOVE.run(
        tx, [group.code for group, _ in moved], days, [due_at for _, due_at in moved], at
    )
    if count:
        await events.append(tx, TermsCountedAnew(because, count), by=by, at=at)
    return count
