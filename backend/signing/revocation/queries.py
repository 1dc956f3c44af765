"""SQL of revocation: the lists we hold, and the certificates known to be revoked for good."""

from datetime import datetime

import msgspec

from backend.kernel.db import Query


class HeldList(msgspec.Struct, frozen=True):
    """A stored CRL."""

    url: str
    der: bytes
    fetched_at: datetime


class KnownList(msgspec.Struct, frozen=True):
    """A stored CRL, without its bytes. A release before this one did not note all of it."""

    url: str
    issuer: bytes | None
    is_delta: bool | None
    next_update: datetime | None
    fetched_at: datetime


class KnownRevoked(msgspec.Struct, frozen=True):
    """A certificate that was revoked once, with the OCSP answer that said so."""

    revoked_at: datetime
    reason: int | None
    ocsp: bytes


ALL_LISTS = Query[HeldList]("SELECT url, der, fetched_at FROM signing.crl ORDER BY url")
ONE_LIST = Query[HeldList]("SELECT url, der, fetched_at FROM signing.crl WHERE url = $1")
KNOWN_LISTS = Query[KnownList](
    "SELECT url, issuer, is_delta, next_update, fetched_at FROM signing.crl ORDER BY url"
)
VERSIONS = Query[str](
    """
    SELECT coalesce(string_agg(url || ' ' || encode(sha256, 'hex'), ',' ORDER BY url), '')
      FROM signing.crl
    """
)
# A slower worker must not put an older list in the place of a newer one.
KEEP_LIST = Query[None](
    """
    INSERT INTO signing.crl (url, der, issuer, is_delta, this_update, next_update, fetched_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (url) DO UPDATE
       SET der = EXCLUDED.der, issuer = EXCLUDED.issuer, is_delta = EXCLUDED.is_delta,
           this_update = EXCLUDED.this_update, next_update = EXCLUDED.next_update,
           fetched_at = EXCLUDED.fetched_at
     WHERE crl.this_update IS NULL OR crl.this_update <= EXCLUDED.this_update
    """
)
REVOKED = Query[KnownRevoked](
    "SELECT revoked_at, reason, ocsp FROM signing.revoked_certificate WHERE certificate_sha256 = $1"
)
KEEP_REVOKED = Query[None](
    """
    INSERT INTO signing.revoked_certificate (
        certificate_sha256, revoked_at, reason, ocsp, learnt_at
    )
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (certificate_sha256) DO NOTHING
    """
)
