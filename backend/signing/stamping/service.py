"""A time stamp for a signature: optional, bounded in time, believed only when all of it holds.

Without one the act is as valid as with one, and says so: `timestamped` is false, for what reason.
"""

import asyncio
import secrets
from datetime import datetime

import msgspec

from backend.kernel import logs
from backend.kernel.resources import Resources
from backend.signing.der.reader import Malformed
from backend.signing.revocation import gateway
from backend.signing.revocation.breaker import Breaker
from backend.signing.revocation.ocsp import FRESH_FOR
from backend.signing.stamping import protocol
from backend.signing.trust.store import TrustStore
from backend.signing.verify import timestamp

MEDIA_TYPE = "application/timestamp-query"
# The authority's clock and ours may differ by as much as an OCSP answer is fresh: the answer about the
# certificate and the time of the signature must stay one story.
CLOCKS_DIFFER_MAX = FRESH_FOR
AT_ONCE = 8  # requests of this process under way together

log = logs.get("signing.stamping")


class Stamp(msgspec.Struct, frozen=True):
    """A token and the time it proves; or neither, and why: OFF, TIMEOUT, REJECTED, …"""

    outcome: str
    token: bytes | None = None
    at: datetime | None = None


class _Desk:
    def __init__(self) -> None:
        self.breaker = Breaker()
        self.places = asyncio.Semaphore(AT_ONCE)


_desks: dict[tuple[str, str], _Desk] = {}


async def stamp(
    resources: Resources, signature: bytes, algorithm: str | None, *, within_s: float
) -> Stamp:
    """Ask the configured authority to stamp a signature's octets. Never raises for its faults."""
    config = resources.config
    if not config.tsp_url:
        return Stamp("OFF")
    desk = _desks.setdefault((config.database_url, config.tsp_url), _Desk())
    now = resources.clock.now()
    if within_s <= 0:
        return Stamp("TIMEOUT")
    if not desk.breaker.allows(now):
        return Stamp("BREAKER_OPEN")
    try:
        async with asyncio.timeout(within_s), desk.places:
            found = await _ask(resources, signature, algorithm)
    except gateway.NoAnswer as e:
        found = Stamp(e.reason)
    except protocol.Refused as e:
        found = Stamp(e.reason)
    except (Malformed, ValueError, IndexError):
        found = Stamp("MALFORMED")
    except TimeoutError:
        found = Stamp("TIMEOUT")
    if found.token is None:
        desk.breaker.failed(now)
        log.warning("no time stamp", reason=found.outcome)
    else:
        desk.breaker.succeeded()
    return found


async def _ask(resources: Resources, signature: bytes, algorithm: str | None) -> Stamp:
    config = resources.config
    nonce = secrets.randbits(63) | 1 << 62
    raw = await gateway.post(
        resources.http,
        config.tsp_url,
        protocol.request(signature, algorithm, nonce),
        MEDIA_TYPE,
        protocol.MAX_BYTES,
    )
    return await asyncio.to_thread(
        judge, raw, nonce, signature, config.trust, resources.clock.now()
    )


def judge(raw: bytes, nonce: int, signature: bytes, trust: str, now: datetime) -> Stamp:
    """The stamp an answer holds. Raises Refused, Malformed; NOT_VALID and CLOCK_DIFFERS are outcomes."""
    token = protocol.token_in(raw, nonce)
    at = timestamp.gen_time(token, signature, (), TrustStore.load(trust))
    if at is None:
        return Stamp("NOT_VALID")
    if abs(at - now) > CLOCKS_DIFFER_MAX:
        return Stamp("CLOCK_DIFFERS")
    return Stamp("OK", token, at)
