"""CRLs we hold: fetched by a job, stored, used by every verification (ECP.md 1.6).

A stale or missing list never passes and never condemns: the verifier says REVOCATION_UNKNOWN,
and the caller is told to come back (FAULTS 20).
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import msgspec

from backend.kernel import logs
from backend.kernel.config import Config, Mode
from backend.kernel.db import Query
from backend.kernel.resources import Resources

if TYPE_CHECKING:
    from backend.signing.revocation.files import RevocationFiles

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
VERSIONS = Query[str](
    "SELECT coalesce(string_agg(url || fetched_at::text, ',' ORDER BY url), '') FROM signing.crl"
)
KEEP = Query[None](
    """
    INSERT INTO signing.crl (url, der, fetched_at) VALUES ($1, $2, $3)
    ON CONFLICT (url) DO UPDATE SET der = EXCLUDED.der, fetched_at = EXCLUDED.fetched_at
    """
)
FETCHED = Query[datetime]("SELECT fetched_at FROM signing.crl WHERE url = $1")


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
            from backend.signing.revocation.files import RevocationFiles

            rows = await ALL.all(resources.db.signing)
            cache.files = RevocationFiles([r.der for r in rows], [])
            cache.version = version
        cache.checked = time.monotonic()
    return cache.files


async def refresh(resources: Resources) -> None:
    """Fetch the lists that are due. A list that cannot be fetched stays as it is, and ages."""
    now = resources.clock.now()
    for url in filter(None, resources.config.crl_url.split(",")):
        fetched = await FETCHED.one(resources.db.signing, url)
        if fetched is not None and timedelta(0) <= now - fetched < REFRESH_EVERY:
            continue
        try:
            der = await _download(resources.http, url)
        except (httpx.HTTPError, ValueError) as e:
            log.warning("crl not fetched", error=type(e).__name__)
            continue
        await KEEP.run(resources.db.signing, url, der, now)


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
