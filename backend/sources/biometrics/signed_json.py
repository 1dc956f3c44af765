"""A provider of JSON and a shared key.

    POST {biometrics_url}/sessions
         {"session_id": uuid, "callback_url": "https://…/api/v1/biometrics/callbacks",
          "subject": "opaque hex", "started_at": "our time, RFC 3339: the provider's clock may be checked"}
    -> 201 {"provider_url": "where the citizen's app goes"}

Later it POSTs {"session_id", "outcome", "liveness", "score_milli", "evidence_sha256"} with two headers:

    X-Timestamp: seconds since 1970, as digits
    X-Signature: hex HMAC-SHA-256, key `biometrics_key`, over `<X-Timestamp>.<body>`
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import httpx
import msgspec
from msgspec import Meta

from backend.kernel import strict_json
from backend.kernel.config import Config
from backend.kernel.errors import Invalid
from backend.sources import exchange
from backend.sources.biometrics.errors import CallbackUnsigned
from backend.sources.biometrics.model import Result, Start, Started

NAME: Final = "default"
CALLBACK_PATH: Final = "/api/v1/biometrics/callbacks"
WINDOW = timedelta(minutes=5)


class Callback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this provider tells when a session ends. `score_milli` is 0 to 1000."""

    session_id: UUID
    outcome: Literal["MATCH", "NO_MATCH"]
    liveness: bool
    score_milli: Annotated[int, Meta(ge=0, le=1000)]
    evidence_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class SignedJson:
    """The protocol above."""

    name = NAME
    callback_path = CALLBACK_PATH

    def configured(self, config: Config) -> bool:
        """Whether there is an address."""
        return bool(config.biometrics_url)

    async def start(self, http: httpx.AsyncClient, config: Config, session: Start) -> Started:
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

    def read(
        self, config: Config, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> Result:
        """The result, from exactly the bytes signed. Raises CallbackUnsigned, Invalid."""
        timestamp, signature = headers.get("x-timestamp", ""), headers.get("x-signature", "")
        if not is_authentic(config.biometrics_key, timestamp, signature, body, at=at):
            raise CallbackUnsigned
        try:
            strict_json.parse(body)
            told = msgspec.json.decode(body, type=Callback)
        except (ValueError, msgspec.DecodeError):
            raise Invalid from None
        evidence = bytes.fromhex(told.evidence_sha256)
        return Result(told.session_id, told.outcome, told.liveness, told.score_milli, evidence)


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
