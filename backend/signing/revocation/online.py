"""Asking the OCSP responder: a nonce, a time-out, answers kept for minutes, a circuit breaker.

What the responder does not say is not known: a time-out, "try later", garbage, a stale or foreign
answer each has its own name here, and none of them is "good" or "revoked" (FAULTS 20).
"""

import asyncio
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from backend.kernel import logs
from backend.kernel.resources import Resources
from backend.signing.certificate.x509 import Certificate
from backend.signing.model import Revocation
from backend.signing.revocation import gateway, ocsp, queries
from backend.signing.revocation.breaker import Breaker
from backend.signing.trust.path import Issuer

MEDIA_TYPE = "application/ocsp-request"
NONCE_BYTES = 16
# An answer is fresh for five minutes (ocsp.FRESH_FOR). It is used a minute less, so that a time stamp
# asked for after it still falls within.
KEPT_FOR = ocsp.FRESH_FOR - timedelta(minutes=1)
_CACHE_MAX = 10_000
DECIDED = frozenset({"good", "revoked", "unknown"})
# The responder is well, but not ours to ask about this certificate: no reason to leave it alone.
_NOT_ITS_OWN = frozenset({"UNAUTHORIZED", "OTHER_CERTIFICATE", "NOT_SIGNED", "MALFORMED_REQUEST"})

log = logs.get("signing.ocsp")


class Heard(msgspec.Struct, frozen=True):
    """What came of asking: `said` is good, revoked, unknown, or why there is no answer."""

    said: str
    raw: bytes | None = None
    answer: ocsp.Answer | None = None
    revoked_at: datetime | None = None
    reason: int | None = None

    def status(self, leaf: Certificate, issuer: Issuer, at: datetime) -> Revocation:
        """The status at the reference time `at`: a revocation counts from its date on."""
        if self.revoked_at is not None:
            status: Literal["revoked", "good"] = "revoked" if self.revoked_at <= at else "good"
            return Revocation(status, "ocsp", self.revoked_at, self.reason)
        if self.answer is None or self.said not in DECIDED:
            return Revocation()
        return ocsp.status([self.answer], leaf, issuer, at)


class _Desk:
    """What this process remembers of one responder."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self.heard: OrderedDict[str, tuple[datetime, Heard]] = OrderedDict()
        self.asking: dict[str, asyncio.Task[Heard]] = {}

    def fresh(self, key: str, now: datetime) -> Heard | None:
        """A positive answer not older than KEPT_FOR, whichever way the clock went."""
        found = self.heard.get(key)
        return found[1] if found is not None and abs(now - found[0]) < KEPT_FOR else None

    def finished(self, key: str, task: "asyncio.Task[Heard]") -> None:
        self.asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever still waits is told; if nobody does, it is no loose end

    def keep(self, key: str, heard: Heard, since: datetime) -> None:
        self.heard[key] = (since, heard)
        self.heard.move_to_end(key)
        while len(self.heard) > _CACHE_MAX:
            self.heard.popitem(last=False)


_desks: dict[tuple[str, str], _Desk] = {}


def desk_of(resources: Resources) -> _Desk:
    """The memory of this process about the configured responder."""
    config = resources.config
    return _desks.setdefault((config.database_url, config.ocsp_url), _Desk())


async def ask(resources: Resources, leaf: Certificate, issuer: Issuer) -> Heard:
    """What the responder says of `leaf` now, within `source_timeout_s`. Never raises for its faults.

    A good answer serves every signature of the certificate for KEPT_FOR; a revocation for ever.
    """
    desk, now = desk_of(resources), resources.clock.now()
    found = desk.fresh(leaf.sha256, now)
    if found is not None:
        return found
    task = desk.asking.get(leaf.sha256)  # nothing is awaited since: no second question slips in
    if task is None:
        task = asyncio.create_task(_find_out(resources, desk, leaf, issuer))
        desk.asking[leaf.sha256] = task
        task.add_done_callback(lambda done: desk.finished(leaf.sha256, done))
    return await asyncio.shield(task)  # who goes away does not take the answer from the others


async def _find_out(resources: Resources, desk: _Desk, leaf: Certificate, issuer: Issuer) -> Heard:
    known = await queries.REVOKED.one(resources.db.signing, bytes.fromhex(leaf.sha256))
    if known is not None:
        return Heard("revoked", known.ocsp, revoked_at=known.revoked_at, reason=known.reason)
    if not desk.breaker.allows(resources.clock.now()):
        return Heard("BREAKER_OPEN")
    return await _ask(resources, desk, leaf, issuer)


async def _ask(resources: Resources, desk: _Desk, leaf: Certificate, issuer: Issuer) -> Heard:
    now, config = resources.clock.now(), resources.config
    nonce = secrets.token_bytes(NONCE_BYTES)
    try:
        async with asyncio.timeout(config.source_timeout_s):
            raw = await gateway.post(
                resources.http,
                config.ocsp_url,
                ocsp.request(leaf, issuer, nonce),
                MEDIA_TYPE,
                ocsp.MAX_BYTES,
            )
            heard = await asyncio.to_thread(read, raw, leaf, issuer, nonce, now)
    except gateway.NoAnswer as e:
        heard = Heard(e.reason)
    except TimeoutError:
        heard = Heard("TIMEOUT")
    if heard.said in DECIDED:
        desk.breaker.succeeded()
    elif heard.said not in _NOT_ITS_OWN:
        desk.breaker.failed(now)
        log.warning("ocsp gives no answer", reason=heard.said)
    if heard.said == "good" and heard.answer is not None:
        desk.keep(leaf.sha256, heard, min(one.this_update for one in heard.answer.singles))
    if heard.said == "revoked" and heard.reason != ocsp.ON_HOLD:
        await queries.KEEP_REVOKED.run(
            resources.db.signing,
            bytes.fromhex(leaf.sha256),
            heard.revoked_at,
            heard.reason,
            heard.raw,
            now,
        )
    return heard


def read(raw: bytes, leaf: Certificate, issuer: Issuer, nonce: bytes, now: datetime) -> Heard:
    """Judge an answer to our question of just now: whole, signed, on this certificate, fresh.

    A responder that answers from store leaves the nonce out; then freshness alone speaks against an
    old answer, as it does for the answers we keep ourselves. Another nonce is another's answer.
    """
    refused = ocsp.refusal(raw)
    if refused is not None:
        return Heard(refused)
    try:
        answer = ocsp.parse(raw)
        singles = [one for one in answer.singles if one.concerns(leaf, issuer)]
    except (ValueError, IndexError):
        return Heard("MALFORMED")
    if answer.nonce is not None and answer.nonce != nonce:
        return Heard("OTHER_NONCE")
    if not singles:
        return Heard("OTHER_CERTIFICATE")
    if not answer.signed_for(issuer):
        return Heard("NOT_SIGNED")
    if not all(_is_fresh(one, now) for one in singles):
        return Heard("STALE")
    for one in singles:
        if one.status == "revoked":
            return Heard("revoked", raw, answer, one.revoked_at, one.reason)
    said = ocsp.status([answer], leaf, issuer, now).status
    return Heard(said, raw, answer)


def _is_fresh(one: ocsp.Single, now: datetime) -> bool:
    """Not stale, and not of the future: a clock that wrong, ours or theirs, decides nothing."""
    return one.fresh_at(now) and one.this_update <= now + ocsp.FRESH_FOR
