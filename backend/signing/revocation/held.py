"""CRLs we hold: fetched by a job, stored, used by every verification (ECP.md 1.6).

A stale or missing list never passes and never condemns: the verifier says REVOCATION_UNKNOWN,
and the caller is told to come back (FAULTS 20). Lists come over plain HTTP: only one that a trusted
centre signed, and that is no older than the one we hold, takes its place.
"""

import asyncio
import time
from datetime import datetime, timedelta

import httpx
import msgspec

from backend.kernel import logs
from backend.kernel.config import Config, Mode
from backend.kernel.db import Query
from backend.kernel.resources import Resources
from backend.signing.der.reader import Malformed
from backend.signing.revocation import crl
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.path import Issuer
from backend.signing.trust.store import TrustStore

REFRESH_EVERY = timedelta(hours=1)  # as often as the national centre's delta lists (ECP.md 1.6)
CRL_MAX_BYTES = 64 * 1024 * 1024
_RECHECK_S = 1.0

log = logs.get("signing.revocation")


class HeldList(msgspec.Struct, frozen=True):
    """A stored CRL."""

    url: str
    der: bytes
    fetched_at: datetime


ALL = Query[HeldList]("SELECT url, der, fetched_at FROM signing.crl ORDER BY url")
# `xmin` changes with every write of a row, whatever any clock said.
VERSIONS = Query[str](
    "SELECT coalesce(string_agg(url || ' ' || xmin::text, ',' ORDER BY url), '') FROM signing.crl"
)
KEEP = Query[None](
    """
    INSERT INTO signing.crl (url, der, fetched_at) VALUES ($1, $2, $3)
    ON CONFLICT (url) DO UPDATE SET der = EXCLUDED.der, fetched_at = EXCLUDED.fetched_at
    """
)
HELD = Query[HeldList]("SELECT url, der, fetched_at FROM signing.crl WHERE url = $1")


class _Cache:
    def __init__(self) -> None:
        self.checked = 0.0
        self.version: str | None = None
        self.files: RevocationFiles | None = None


_caches: dict[str, _Cache] = {}


def is_required(config: Config) -> bool:
    """Whether a signature needs a known revocation status: always, but in a test without a CRL."""
    return bool(config.crl_url) or config.mode is Mode.PRODUCTION


async def current(resources: Resources) -> RevocationFiles | None:
    """The lists we hold, re-read when another process refreshed them; None where none are used."""
    if not is_required(resources.config):
        return None
    cache = _caches.setdefault(resources.config.database_url, _Cache())
    if cache.files is None or time.monotonic() - cache.checked > _RECHECK_S:
        version = await VERSIONS.get(resources.db.signing)
        if cache.files is None or version != cache.version:
            rows = await ALL.all(resources.db.signing)
            cache.files = await asyncio.to_thread(RevocationFiles, [r.der for r in rows], [])
            cache.version = version
        cache.checked = time.monotonic()
    return cache.files


async def refresh(resources: Resources) -> None:
    """Fetch the lists that are due. A list that cannot be fetched stays as it is, and ages."""
    now = resources.clock.now()
    for url in filter(None, resources.config.crl_url.split(",")):
        held = await HELD.one(resources.db.signing, url)
        if held is not None and timedelta(0) <= now - held.fetched_at < REFRESH_EVERY:
            continue
        try:
            der = await _download(resources.http, url)
            ours = None if held is None else held.der
            await asyncio.to_thread(require_better, der, ours, resources.config.trust)
        except (httpx.HTTPError, ValueError) as e:
            log.warning("crl not fetched", error=type(e).__name__)
            continue
        await KEEP.run(resources.db.signing, url, der, now)


class NotBetter(ValueError):
    """The fetched list is not one of ours, or older than the one we hold."""


def require_better(der: bytes, held: bytes | None, trust: str) -> None:
    """Refuse (NotBetter) what is no list of a trusted centre, or one older than `held`."""
    try:
        new = crl.parse(der)
        old = crl.parse(held) if held else None
    except Malformed as e:
        raise NotBetter("not a revocation list") from e
    issuers = TrustStore.load(trust).by_subject.get(new.issuer, [])
    if not any(new.signed_by(Issuer(a.subject, a.spki, a.subject_key_id)) for a in issuers):
        raise NotBetter("not a trusted centre's list")
    if old is not None and new.this_update < old.this_update:
        raise NotBetter("older than the list we hold")


async def _download(http: httpx.AsyncClient, url: str) -> bytes:
    async with http.stream("GET", url) as answer:
        answer.raise_for_status()
        parts, size = [], 0
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > CRL_MAX_BYTES:
                raise ValueError("a CRL larger than any that exists")
            parts.append(part)
    if not size:
        raise ValueError("an empty CRL")
    return b"".join(parts)
