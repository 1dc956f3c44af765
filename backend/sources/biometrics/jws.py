"""A provider of signed tokens: JWS (RFC 7515) over Ed25519 (RFC 8037), its own words for everything.

    POST {biometrics_jws_url}/v2/identifications
         {"reference": session uuid, "person": "opaque hex", "notify": "https://…/callbacks/jws",
          "requested": seconds since 1970}
    -> 202 {"id": "…", "open": "where the citizen's app goes"}

It is slow. Later it POSTs one compact JWS (application/jose) to `notify`. The header says
{"alg": "EdDSA"} and nothing that changes its meaning; the claims:

    aud         our public URL: a token for another service is none for us
    iat         seconds since 1970; believed for five minutes
    reference   the session
    verdict     SAME | DIFFERENT | SPOOF (a mask, a picture, a recording)
    similarity  0 to 1
    proof       base64url of the SHA-256 of the record it keeps
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from backend.kernel import strict_json
from backend.kernel.config import Config
from backend.kernel.errors import Invalid
from backend.sources import exchange
from backend.sources.biometrics.errors import CallbackUnsigned
from backend.sources.biometrics.model import Result, Start, Started

NAME: Final = "jws"
CALLBACK_PATH: Final = "/api/v1/biometrics/callbacks/jws"
WINDOW = timedelta(minutes=5)
TOKEN_MAX = 4_096  # characters; ours have some 600
_HEADER_KNOWN = {"alg", "typ", "kid"}  # any other one may change what the signature means


class Identification(msgspec.Struct, frozen=True):
    """A session asked for, in this provider's words."""

    reference: UUID
    person: str
    notify: str
    requested: int


class Accepted(msgspec.Struct, frozen=True):
    """The provider took it."""

    id: str
    open: str


class Claims(msgspec.Struct, frozen=True):
    """What a token says; claims that are not ours to read are passed over, as RFC 7519 §4 wants."""

    aud: str
    iat: Annotated[int, Meta(ge=0, le=10**12)]
    reference: UUID
    verdict: Literal["SAME", "DIFFERENT", "SPOOF"]
    similarity: Annotated[float, Meta(ge=0, le=1)]
    proof: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]


class Jws:
    """The protocol above."""

    name = NAME
    callback_path = CALLBACK_PATH

    def configured(self, config: Config) -> bool:
        """Whether there is an address."""
        return bool(config.biometrics_jws_url)

    async def start(self, http: httpx.AsyncClient, config: Config, session: Start) -> Started:
        """Ask for an identification. Raises SourceUnavailable."""
        accepted = await exchange.post_json(
            http,
            "biometrics",
            config.biometrics_jws_url,
            "/v2/identifications",
            Identification(
                reference=session.session_id,
                person=session.subject,
                notify=session.callback_url,
                requested=int(session.started_at.timestamp()),
            ),
            Accepted,
            timeout_s=config.source_timeout_s,
        )
        return Started(accepted.open)

    def read(
        self, config: Config, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> Result:
        """The result, from exactly the bytes signed. Raises CallbackUnsigned, Invalid."""
        del headers  # everything is in the token
        raw = verified(body, config.biometrics_jws_key)
        try:
            strict_json.parse(raw)
            claims = msgspec.json.decode(raw, type=Claims)
        except (ValueError, msgspec.DecodeError):
            raise Invalid from None
        issued_at = datetime.fromtimestamp(claims.iat, UTC)
        if claims.aud != config.public_url.rstrip("/") or abs(at - issued_at) > WINDOW:
            raise CallbackUnsigned
        return Result(
            session_id=claims.reference,
            outcome="MATCH" if claims.verdict == "SAME" else "NO_MATCH",
            liveness=claims.verdict != "SPOOF",
            score_milli=round(claims.similarity * 1000),
            evidence_sha256=_decode(claims.proof),
        )


def verified(token: bytes, public_key: str) -> bytes:
    """The payload of a compact JWS that `public_key` (Ed25519, base64) signed. Raises CallbackUnsigned."""
    if len(token) > TOKEN_MAX:
        raise CallbackUnsigned
    try:
        header, payload, signature = token.decode("ascii").split(".")
        if not _is_eddsa(_decode(header)):
            raise CallbackUnsigned
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(_decode(signature), f"{header}.{payload}".encode("ascii"))
        return _decode(payload)
    except (ValueError, InvalidSignature):  # also: not three parts, not base64, no key set up
        raise CallbackUnsigned from None


def _is_eddsa(raw: bytes) -> bool:
    header: Any = strict_json.parse(raw)
    return (
        isinstance(header, dict) and header.get("alg") == "EdDSA" and header.keys() <= _HEADER_KNOWN
    )


def _decode(text: str) -> bytes:
    """Strictly: one text for one value. ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise ValueError("not canonical")
    return raw
