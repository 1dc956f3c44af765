"""Every sweep says that it lives; one silent for longer than SILENT_AFTER is an alarm (FAULTS 22).

A heart beats when a sweep came to its end; one that fails every time falls silent as a dead one does.
Instants are the machine's own: a simulated clock moves the law's days, not the worker's life.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec

from backend.kernel.db import Db, Query

SILENT_AFTER: Final = timedelta(minutes=5)
BEAT_EVERY: Final = timedelta(seconds=15)


class Heartbeat(msgspec.Struct, frozen=True):
    """When a sweep last came to its end (None: never), and how it failed since the beginning."""

    name: str
    beat_at: datetime | None
    failed_at: datetime | None
    failures: int
    silent: bool


class _Beat(msgspec.Struct, frozen=True):
    name: str
    beat_at: datetime
    failed_at: datetime | None
    failures: int


BEAT = Query[None](
    """
    INSERT INTO kernel.heartbeat AS kept (name, beat_at, failed_at, failures)
    SELECT name, CASE WHEN failed THEN 'epoch'::timestamptz ELSE $1 END,
           CASE WHEN failed THEN $1 END, failed::integer
      FROM unnest($2::text[], $3::bool[]) AS told (name, failed)
     ORDER BY name
    ON CONFLICT (name) DO UPDATE
       SET beat_at = greatest(kept.beat_at, EXCLUDED.beat_at),
           failed_at = coalesce(EXCLUDED.failed_at, kept.failed_at),
           failures = kept.failures + EXCLUDED.failures
    """
)
ALL = Query[_Beat]("SELECT name, beat_at, failed_at, failures FROM kernel.heartbeat ORDER BY name")


async def beat(db: Db, done: Collection[str], failed: Collection[str], *, at: datetime) -> None:
    """These sweeps came to their end, those failed. One statement for all of them."""
    names = [*done, *failed]
    await BEAT.run(db, at, names, [False] * len(done) + [True] * len(failed))


async def of(db: Db, names: Collection[str], *, at: datetime) -> list[Heartbeat]:
    """How each of these sweeps fares, by name; one that never ended is silent too."""
    kept = {b.name: b for b in await ALL.all(db)}
    return [_told(name, kept.get(name), at) for name in sorted(names)]


def _told(name: str, kept: _Beat | None, at: datetime) -> Heartbeat:
    if kept is None:
        return Heartbeat(name, None, None, 0, silent=True)
    silent = at - kept.beat_at > SILENT_AFTER
    never = kept.beat_at.timestamp() == 0
    beat_at = None if never else kept.beat_at
    return Heartbeat(name, beat_at, kept.failed_at, kept.failures, silent=silent)
