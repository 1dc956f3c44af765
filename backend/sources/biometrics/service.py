"""Start a session with a biometric provider, and check what it calls back with.

    POST {biometrics_url}/sessions
         {"session_id": uuid, "callback_url": "https://…/api/v1/biometrics/callbacks",
          "subject": "opaque hex, the same person always the same",
          "started_at": "our time, RFC 3339: the provider's clock may be checked against it"}
    -> 201 {"provider_url": "where the citizen's app goes"}

Later the provider POSTs its result to `callback_url` with two headers:

    X-Timestamp: seconds since 1970, as digits
    X-Signature: hex HMAC-SHA-256, key `biometrics_key`, over `<X-Timestamp>.<body>`

No template, no photo and no personal number passes through us.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange

WINDOW = timedelta(minutes=5)


class Start(msgspec.Struct, frozen=True):
    """What the provider is told."""

    session_id: UUID
    callback_url: str
    subject: str
    started_at: datetime


class Started(msgspec.Struct, frozen=True):
    """Where the citizen goes on."""

    provider_url: str


async def start(http: httpx.AsyncClient, config: Config, session: Start) -> Started:
    """Open a session at the provider. Raises SourceUnavailable."""
    return await exchange.post_json(
        http,
        "biometrics",
        config.biometrics_url,
        "/sessions",
        session,
        Started,
        timeout_s=config.source_timeout_s,
    )


def sign(key: str, timestamp: str, body: bytes) -> str:
    """The X-Signature of a callback."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_authentic(key: str, timestamp: str, signature: str, body: bytes, *, at: datetime) -> bool:
    """Whether the provider signed exactly this, within WINDOW of `at`. Without a key: never."""
    if not key or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    expected = sign(key, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return False
    return abs(at - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW
