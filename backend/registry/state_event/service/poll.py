"""Reading the journals of the state databases: behind a cursor, each event once, whatever comes twice."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import httpx
import msgspec

from backend.kernel.clock import legal_date
from backend.kernel.config import Config
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.registry.account.model import BasisDocument
from backend.registry.person import service as persons
from backend.registry.restriction.service import account
from backend.registry.state_event import queries, rules
from backend.registry.state_event.model import NewEvent, Outcome, Source
from backend.sources.exchange import SourceUnavailable
from backend.sources.gbd_fl import service as gbd_fl
from backend.sources.gbd_ul import service as gbd_ul
from backend.sources.journal import Page, Record

Ask = Callable[[httpx.AsyncClient, Config, str | None], Awaitable[Page]]
_JOURNALS: Final[Mapping[Source, Ask]] = {
    Source.GBD_FL: gbd_fl.events,
    Source.GBD_UL: gbd_ul.events,
}
POLL_EVERY: Final = timedelta(minutes=1)
PAGES: Final = 20  # in a row; the next second goes on
_AGAIN: Final = timedelta(seconds=30)
_AGAIN_MAX: Final = timedelta(minutes=15)


async def poll(resources: Resources, source: Source) -> int:
    """Read on where the journal was left, when it is time; how many events were new.

    A silent or odd database is asked again later and later; nobody is blocked for its silence (D28).
    """
    config, db = resources.config, resources.db.registry
    if not {Source.GBD_FL: config.gbd_fl_url, Source.GBD_UL: config.gbd_ul_url}[source]:
        return 0
    now, new = resources.clock.now(), 0
    for _ in range(PAGES):
        feed = await queries.FEED.get(db, source)
        if feed.next_at > now:
            break
        try:
            page = await _JOURNALS[source](resources.http, config, feed.cursor)
        except SourceUnavailable:
            again = min(_AGAIN * 2 ** min(feed.failures, 10), _AGAIN_MAX)
            await queries.FAILED.run(db, source, now + again)
            break
        new += await _take(resources, source, feed.cursor, page, now)
    return new


async def _take(
    resources: Resources, source: Source, after: str | None, page: Page, now: datetime
) -> int:
    """Keep a page and move the cursor, both or neither; another worker may have been faster."""
    async with resources.db.registry.transaction() as tx:
        feed = await queries.LOCK_FEED.one(tx, source)
        if feed is None or feed.cursor != after:
            return 0
        new = await _keep(tx, resources, source, page.events, now)
        next_at = now if page.more else now + POLL_EVERY
        await queries.ADVANCE.run(tx, source, page.next, not page.more, now, next_at)
    return new


async def _keep(
    tx: Tx, resources: Resources, source: Source, records: Sequence[Record], now: datetime
) -> int:
    """Store what is new; what an annulment takes back in time is never applied."""
    today = legal_date(now)
    told = {
        r.event_id: NewEvent(
            event_id=r.event_id,
            number=r.number,
            kind=r.kind,
            happened_on=r.happened_on,
            registered_at=r.registered_at,
            document=msgspec.convert(r.document, BasisDocument, from_attributes=True),
            annuls=r.annuls,
            outcome=rules.first_look(
                source, r.kind, r.number, r.happened_on, r.annuls is not None, today
            ),
        )
        for r in records
    }
    rows = list(told.values())
    people, organisations = await subjects(tx, resources, source, [e.number for e in rows])
    known = people.keys() | organisations.keys()
    added = await queries.ADD.all(
        tx,
        source,
        now,
        [e.event_id for e in rows],
        [resources.keyring.seal(e.number.encode(), e.event_id.bytes) for e in rows],
        [e.kind for e in rows],
        [e.happened_on for e in rows],
        [e.registered_at for e in rows],
        [msgspec.json.encode(e.document).decode() for e in rows],
        [e.annuls for e in rows],
        [people.get(e.number) for e in rows],
        [organisations.get(e.number) for e in rows],
        [
            Outcome.WAITING if e.outcome is Outcome.PENDING and e.number not in known else e.outcome
            for e in rows
        ],
    )
    annulments = [told[i] for i in added if told[i].kind == rules.ANNULMENT and told[i].annuls]
    if annulments:
        await _annul(tx, source, annulments, now)
    return len(added)


async def subjects(
    tx: Tx, resources: Resources, source: Source, numbers: Sequence[str]
) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """Whose accounts those numbers mean: persons, and organisations (sole proprietors are both)."""
    organisations = await queries.ORGANISATIONS.all(tx, list(numbers))
    people = (
        await persons.resolve(tx, resources.keyring, set(numbers))
        if source is Source.GBD_FL
        else {}
    )
    return people, {o.number: o.organisation_id for o in organisations}


async def _annul(tx: Tx, source: Source, annulments: Sequence[NewEvent], now: datetime) -> None:
    """Take back what is not applied yet; what is, goes to an officer and closes nothing meanwhile."""
    await queries.ANNUL.run(tx, source, [e.annuls for e in annulments], now)
    late = await queries.ANNULLED_TOO_LATE.all(tx, source, [e.event_id for e in annulments])
    await queries.SETTLE.run(
        tx,
        source,
        [one.annulled_by for one in late],
        [Outcome.UNCLEAR] * len(late),
        now,
    )
    for one in late:  # rare: a database seldom takes back what it told days ago
        met = [s for s in (one.person_id, one.organisation_id) if s is not None]
        await account.close_no_more(tx, met, rules.basis_id(source, one.event_id))
