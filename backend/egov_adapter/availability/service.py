"""Knock at the public door each minute, and tell how often somebody opened.

The worker knocks, where a citizen's telephone would: at `SAQTAU_PUBLIC_URL`, over the network. eGov,
eGov Mobile, the portal and the bot all come in by that door.
"""

from datetime import timedelta

import httpx
from prometheus_client import Counter

from backend.egov_adapter.availability import queries, rules
from backend.egov_adapter.availability.model import Availability
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources

DOOR = "/health/ready"
KNOCKS = Counter("saqtau_knocks", "Minutes in which the public door was tried", ["answered"])


async def measure(resources: Resources) -> None:
    """The sweep: once a minute, whichever worker comes first."""
    db, minute = resources.db.egov, rules.minute_of(resources.clock.now())
    if await queries.KNOWN.get(db, minute):
        return
    answered = await _knock(resources)
    KNOCKS.labels(answered=str(answered).lower()).inc()
    await queries.ADD.run(db, minute, answered)
    if minute.hour == minute.minute == 0:
        await queries.FORGET.run(db, minute - rules.KEPT)


async def availability(db: Db, clock: Clock) -> Availability:
    """The last thirty days."""
    now = clock.now()
    found = await queries.SINCE.one(db, rules.minute_of(now) - timedelta(days=rules.DAYS))
    assert found is not None, "an aggregate has a row"
    return rules.told(found, now)


async def _knock(resources: Resources) -> bool:
    config = resources.config
    try:
        answer = await resources.http.get(
            config.public_url.rstrip("/") + DOOR,
            timeout=config.source_timeout_s,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.status_code == httpx.codes.OK
