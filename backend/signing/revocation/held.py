"""CRLs we hold: fetched by a sweep, stored, used by every verification (ECP.md 1.6).

A stale or missing list never passes and never condemns: the verifier says REVOCATION_UNKNOWN,
and the caller is told to come back (FAULTS 20). Lists come over plain HTTP: only one that a trusted
centre signed, of the same kind and no older than the one we hold, takes its place.
"""

import asyncio
import time
from datetime import datetime, timedelta

from backend.kernel import logs
from backend.kernel.config import Config, Mode, RevocationMode
from backend.kernel.resources import Resources
from backend.signing.der.reader import Malformed
from backend.signing.revocation import crl, gateway, queries
from backend.signing.revocation.breaker import Breaker
from backend.signing.revocation.crl import Crl
from backend.signing.revocation.files import RevocationFiles
from backend.signing.revocation.queries import KnownList
from backend.signing.trust.path import Issuer
from backend.signing.trust.store import TrustStore

# ECP.md 1.6: base lists once a day, deltas once an hour. A base without deltas is as good as one.
BASE_EVERY = timedelta(hours=24)
DELTA_EVERY = timedelta(hours=1)
STALE_EVERY = timedelta(minutes=1)  # past its nextUpdate a list is asked for until a new one comes
CRL_MAX_BYTES = 64 * 1024 * 1024
DOWNLOAD_MAX_S = 120.0  # a base list of the largest size over a slow line
_RECHECK_S = 1.0

log = logs.get("signing.revocation")


class _Cache:
    def __init__(self) -> None:
        self.checked = 0.0
        self.version: str | None = None
        self.files: RevocationFiles | None = None


_caches: dict[str, _Cache] = {}
_breakers: dict[tuple[str, str], Breaker] = {}


def uses_ocsp(config: Config) -> bool:
    """Whether the responder is asked before the lists decide."""
    if config.revocation is RevocationMode.AUTO:
        return bool(config.ocsp_url)
    return config.revocation is RevocationMode.OCSP_CRL


def is_required(config: Config) -> bool:
    """Whether a signature needs a known revocation status: always, but in a test without sources."""
    return bool(config.crl_url) or uses_ocsp(config) or config.mode is Mode.PRODUCTION


async def current(resources: Resources) -> RevocationFiles | None:
    """The lists we hold, re-read when another process refreshed them; None where none are used."""
    if not is_required(resources.config):
        return None
    cache = _caches.setdefault(resources.config.database_url, _Cache())
    if cache.files is None or time.monotonic() - cache.checked > _RECHECK_S:
        version = await queries.VERSIONS.get(resources.db.signing)
        if cache.files is None or version != cache.version:
            rows = await queries.ALL_LISTS.all(resources.db.signing)
            cache.files = await asyncio.to_thread(RevocationFiles, [r.der for r in rows], [])
            cache.version = version
        cache.checked = time.monotonic()
    return cache.files


async def refresh(resources: Resources) -> None:
    """Fetch the lists that are due. A list that cannot be fetched stays as it is, and ages."""
    urls = [url.strip() for url in resources.config.crl_url.split(",") if url.strip()]
    if not urls:
        return
    now = resources.clock.now()
    known = {one.url: one for one in await queries.KNOWN_LISTS.all(resources.db.signing)}
    for url in urls:
        breaker = _breakers.setdefault((resources.config.database_url, url), Breaker())
        if _is_due(known.get(url), known, now) and breaker.allows(now):
            await _refresh_one(resources, url, breaker)


async def _refresh_one(resources: Resources, url: str, breaker: Breaker) -> None:
    db, now = resources.db.signing, resources.clock.now()
    try:
        async with asyncio.timeout(DOWNLOAD_MAX_S):
            der = await gateway.get(resources.http, url, CRL_MAX_BYTES)
        held = await queries.ONE_LIST.one(db, url)
        ours = None if held is None else held.der
        new = await asyncio.to_thread(require_better, der, ours, resources.config.trust)
    except (gateway.NoAnswer, ValueError, TimeoutError) as e:
        breaker.failed(now)
        log.warning("crl not fetched", error=str(e) or type(e).__name__)
        return
    breaker.succeeded()
    is_delta = new.base_number is not None
    await queries.KEEP_LIST.run(
        db, url, der, new.issuer, is_delta, new.this_update, new.next_update, now
    )


def _is_due(held: KnownList | None, known: dict[str, KnownList], now: datetime) -> bool:
    if held is None:
        return True
    every = DELTA_EVERY
    if not held.is_delta and any(
        other.is_delta and other.issuer == held.issuer for other in known.values()
    ):
        every = BASE_EVERY
    if held.next_update is not None and held.next_update < now:
        every = STALE_EVERY
    return not timedelta(0) <= now - held.fetched_at < every


class NotBetter(ValueError):
    """The fetched list is not one of ours, or older than the one we hold."""


def require_better(der: bytes, held: bytes | None, trust: str) -> Crl:
    """Refuse (NotBetter) what is no list of a trusted centre, or one older than `held`."""
    try:
        new = crl.parse(der)
        old = crl.parse(held) if held else None
    except Malformed as e:
        raise NotBetter("not a revocation list") from e
    issuers = TrustStore.load(trust).by_subject.get(new.issuer, [])
    if not any(new.signed_by(Issuer(a.subject, a.spki, a.subject_key_id)) for a in issuers):
        raise NotBetter("not a trusted centre's list")
    if old is None:
        return new
    if old.issuer != new.issuer or (old.base_number is None) != (new.base_number is None):
        raise NotBetter("a list of another kind than the one we hold")
    if new.this_update < old.this_update:
        raise NotBetter("older than the list we hold")
    return new
