"""Tell waiting pages what became of their packages.

One task of the process asks the database about every package somebody waits for, in one query;
a change made by this process itself wakes its pages at once. So a thousand open pages cost one
query each half second, whichever process the phone speaks to.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

from backend.kernel import logs
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.egov_qr import queries, rules
from backend.signing.egov_qr.errors import WatchedTooMuch
from backend.signing.egov_qr.model import OVER, PackageRow, PackageState

POLL_S = 0.5
PING_S = 15.0  # proxies close a stream that says nothing
WAITING_MAX = 2_000  # pages of one process
STREAM_MAX_S = 900.0
_Version = tuple[str, int]
log = logs.get("egov_qr")


class _Hub:
    def __init__(self, db: Db) -> None:
        self.db = db
        self.waiting: dict[UUID, dict[asyncio.Event, _Version]] = {}
        self.count = 0
        self.task: asyncio.Task[None] | None = None

    async def wait(self, package: PackageRow, timeout_s: float) -> None:
        """Until something may have changed since `package` was read, or the time is over."""
        if self.count >= WAITING_MAX:
            raise WatchedTooMuch
        event = asyncio.Event()
        package_id = package.package_id
        self.waiting.setdefault(package_id, {})[event] = _version(package)
        self.count += 1
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._poll())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout_s)
        finally:
            self._leave(package_id, event)

    def _leave(self, package_id: UUID, event: asyncio.Event) -> None:
        self.count -= 1
        events = self.waiting[package_id]
        del events[event]
        if not events:
            del self.waiting[package_id]
        if not self.waiting and self.task is not None:
            self.task.cancel()
            self.task = None

    def nudge(self, package_id: UUID) -> None:
        for event in self.waiting.get(package_id, ()):
            event.set()

    async def _poll(self) -> None:
        while self.waiting:
            await asyncio.sleep(POLL_S)
            try:
                rows = await queries.PACKAGES.all(self.db, list(self.waiting))
            except Exception as e:  # the store is away: the pages wait on
                log.warning("packages not read", error=type(e).__name__)
                continue
            for row in rows:
                for event, seen in self.waiting.get(row.package_id, {}).items():
                    if seen != _version(row):
                        event.set()


def _version(package: PackageRow) -> _Version:
    return package.status.value, package.refusals


_hubs: WeakKeyDictionary[Db, _Hub] = WeakKeyDictionary()


def _hub(resources: Resources) -> _Hub:
    db = resources.db.signing
    if db not in _hubs:
        _hubs[db] = _Hub(db)
    return _hubs[db]


def nudge(resources: Resources, package_id: UUID) -> None:
    """Wake the pages of this process that wait for the package."""
    _hub(resources).nudge(package_id)


async def changed(resources: Resources, package: PackageRow, timeout_s: float) -> PackageRow | None:
    """The package as it is after its next change, or after `timeout_s`; None when it is forgotten."""
    left_s = (package.expires_at - resources.clock.now()).total_seconds()
    if package.status in OVER or left_s <= 0:
        return package
    await _hub(resources).wait(package, min(timeout_s, left_s + 0.001))
    return await queries.PACKAGE.one(resources.db.signing, package.package_id)


def state_of(package: PackageRow, now: datetime) -> PackageState:
    """What the waiting page is told."""
    return PackageState(
        package.package_id,
        rules.status_at(package, now),
        package.expires_at,
        package.last_refusal,
    )


async def states(resources: Resources, package: PackageRow) -> AsyncIterator[PackageState | None]:
    """The package's states as they come, the last one final; None now and then, to keep alive."""
    last: PackageState | None = None
    found: PackageRow | None = package
    waited_s = 0.0
    while found is not None and waited_s < STREAM_MAX_S:
        now = state_of(found, resources.clock.now())
        yield now if now != last else None
        if now.status in OVER:
            return
        waited_s += 0 if now != last else PING_S
        last = now
        found = await changed(resources, found, PING_S)
