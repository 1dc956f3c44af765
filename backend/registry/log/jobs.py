"""What the worker does for the log."""

from datetime import timedelta

from prometheus_client import Gauge

from backend.kernel import logs
from backend.kernel.resources import Resources
from backend.registry.log import heads, queries, tree

# Every operation stands under a signed head within this time (RFC 9162 §4.1 calls it the maximum
# merge delay); extracts promise it. The alarm rises at seven tenths of it (FAULTS 26).
HEAD_WITHIN = timedelta(hours=24)
ALARM_AT = 0.7

BACKLOG = Gauge("saqtau_log_backlog", "Operations that wait for their places in the tree")
HEAD_AGE = Gauge("saqtau_log_head_age_seconds", "Since the last signed head of the log")
ALARM = Gauge("saqtau_log_head_alarm", "1 when the log's head is about to be too old")

log = logs.get("registry.log")


async def seal(resources: Resources) -> None:
    """Give operations their places in the tree."""
    await tree.seal(resources.db.registry)


async def sign_head(resources: Resources) -> None:
    """Sign a head once an hour, also when nothing was added: a quiet log is told from a dead one."""
    await heads.sign(resources)


async def watch(resources: Resources) -> None:
    """Measure how far places and heads lag behind; nothing ever waits for them."""
    db = resources.db.registry
    BACKLOG.set(await queries.BACKLOG.get(db))
    last = await queries.LAST_HEAD.one(db)
    if last is None:
        return
    age = resources.clock.now() - last.at
    late = age >= HEAD_WITHIN * ALARM_AT
    HEAD_AGE.set(age.total_seconds())
    if late and not ALARM._value.get():
        log.error("no head was signed for long", hours=round(age / timedelta(hours=1)))
    ALARM.set(late)
