"""A time stamp for a signature: optional, bounded in time, believed only when all of it holds.

Without one the act is as valid as with one, and says so: `timestamped` is false, for what reason.
"""

import asyncio
import secrets
from datetime import datetime

import msgspec

from backend.kernel import logs
from backend.kernel.resources import Resources
from backend.signing.certificate import x509
from backend.signing.der.reader import Malformed
from backend.signing.model import CertPath, Revocation, StampUsed
from backend.signing.revocation import authority, decision, gateway, held
from backend.signing.revocation.breaker import Breaker
from backend.signing.revocation.ocsp import FRESH_FOR
from backend.signing.stamping import protocol
from backend.signing.trust.store import TrustStore
from backend.signing.verify import timestamp
from backend.signing.verify.judge import cert_path

MEDIA_TYPE = "application/timestamp-query"
# The authority's clock and ours may differ by as much as an OCSP answer is fresh: the answer about the
# certificate and the time of the signature must stay one story.
CLOCKS_DIFFER_MAX = FRESH_FOR
# Not the stamping service's fault: it answered well
_OF_ANOTHER = frozenset({"AUTHORITY_REVOKED", "AUTHORITY_UNKNOWN"})
AT_ONCE = 8  # requests of this process under way together

log = logs.get("signing.stamping")


class Stamp(msgspec.Struct, frozen=True):
    """A token and the time it proves, by whose path; or neither, and why: OFF, TIMEOUT, REJECTED, …

    AUTHORITY_REVOKED and AUTHORITY_UNKNOWN: the token holds, its authority's certificate is revoked, or
    that cannot be decided now.
    """

    outcome: str
    token: bytes | None = None
    used: StampUsed | None = None

    @property
    def at(self) -> datetime | None:
        """The time it proves."""
        return self.used.at if self.used is not None else None

    @property
    def path(self) -> CertPath | None:
        """The path of its authority's certificate."""
        return self.used.path if self.used is not None else None


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
    if found.token is None and found.outcome not in _OF_ANOTHER:
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
    found = await asyncio.to_thread(
        judge, raw, nonce, signature, config.trust, resources.clock.now()
    )
    return await _with_a_good_authority(resources, found)


async def _with_a_good_authority(resources: Resources, found: Stamp) -> Stamp:
    if found.used is None or not held.is_required(resources.config):
        return found
    used, lists = found.used, await held.current(resources)
    by_lists = Revocation()
    if lists is not None:
        leaf, issuer = x509.parse(used.path.certificates[0]), decision.issuer_of(used.path)
        by_lists = await asyncio.to_thread(lists.status, leaf, issuer, used.at)
    known, grounds = await decision.decide(resources, used.path, by_lists, lists, used.at)
    standing = authority.standing(known)
    if standing != "good":
        return Stamp(f"AUTHORITY_{standing.upper()}")
    used = msgspec.structs.replace(used, revocation=known, grounds=grounds)
    return msgspec.structs.replace(found, used=used)


def judge(raw: bytes, nonce: int, signature: bytes, trust: str, now: datetime) -> Stamp:
    """The stamp an answer holds. Raises Refused, Malformed; NOT_VALID and CLOCK_DIFFERS are outcomes."""
    token = protocol.token_in(raw, nonce)
    found = timestamp.read(token, signature, (), TrustStore.load(trust))
    if found is None:
        return Stamp("NOT_VALID")
    if abs(found.at - now) > CLOCKS_DIFFER_MAX:
        return Stamp("CLOCK_DIFFERS")
    return Stamp("OK", token, StampUsed(at=found.at, path=cert_path(found.path)))
