"""The provider of signed tokens: what is asked, and which tokens are believed."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kernel.config import Config, ConfigError, Mode, require_usable
from backend.kernel.errors import Invalid
from backend.sources.biometrics.errors import CallbackUnsigned
from backend.sources.biometrics.jws import Jws
from backend.sources.biometrics.model import Result, Start
from infra.sandbox.biometrics.jws import Identification, Office, Switch, claims

NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
US = "http://us.test"
OFFICE = Office()
CONFIG = Config(
    mode=Mode.TEST,
    public_url=US,
    biometrics_jws_url="http://bio.test",
    biometrics_jws_key=OFFICE.public_key,
)
ASKED = Identification(str(UUID(int=1)), "ab" * 32, f"{US}/api/v1/biometrics/callbacks/jws", 0)
GOOD = claims(Switch(), ASKED, US, int(NOW.timestamp()))


def read(token: bytes, at: datetime = NOW) -> Result:
    return Jws().read(CONFIG, {}, token, at=at)


def encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed(header: Any, payload: bytes, key: Ed25519PrivateKey = OFFICE.key) -> bytes:
    text = encode(json.dumps(header).encode()) + b"." + encode(payload)
    return text + b"." + encode(key.sign(text))


async def test_it_is_asked_in_its_own_words(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post("http://bio.test/v2/identifications").respond(
        202, json={"id": "7", "open": "http://bio.test/7"}
    )
    async with httpx.AsyncClient() as http:
        started = await Jws().start(http, CONFIG, Start(UUID(int=1), ASKED.notify, "ab" * 32, NOW))
    assert started.provider_url == "http://bio.test/7"
    assert json.loads(route.calls.last.request.content) == {
        "reference": ASKED.reference,
        "person": "ab" * 32,
        "notify": ASKED.notify,
        "requested": 1775448000,
    }


@pytest.mark.parametrize(
    ("verdict", "outcome", "alive", "score"),
    [
        ("SAME", "MATCH", True, 981),
        ("DIFFERENT", "NO_MATCH", True, 214),
        ("SPOOF", "NO_MATCH", False, 655),
    ],
)
def test_its_words_become_ours(verdict: str, outcome: Any, alive: bool, score: int) -> None:
    told = claims(Switch(verdict), ASKED, US, int(NOW.timestamp()))
    proof = hashlib.sha256(f"{ASKED.reference}:{verdict}".encode()).digest()
    assert read(OFFICE.token(told)) == Result(UUID(int=1), outcome, alive, score, proof)


@pytest.mark.parametrize(
    ("late_s", "believed"), [(-300, True), (300, True), (301, False), (-301, False)]
)
def test_a_token_is_believed_for_five_minutes(late_s: int, believed: bool) -> None:
    token = OFFICE.token(GOOD)
    at = NOW + timedelta(seconds=late_s)
    if believed:
        assert read(token, at).outcome == "MATCH"
    else:
        with pytest.raises(CallbackUnsigned):
            read(token, at)


PAYLOAD = json.dumps(GOOD).encode()
TOKEN = OFFICE.token(GOOD)
HMAC_KEY = OFFICE.key.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "token",
    {
        "of another key": signed({"alg": "EdDSA"}, PAYLOAD, Ed25519PrivateKey.generate()),
        "unsigned": encode(b'{"alg":"none"}') + b"." + encode(PAYLOAD) + b".",
        "another algorithm": signed({"alg": "HS256"}, PAYLOAD),
        "a critical header": signed({"alg": "EdDSA", "crit": ["b64"], "b64": False}, PAYLOAD),
        "a key of its own": signed({"alg": "EdDSA", "jwk": {"kty": "OKP"}}, PAYLOAD),
        "a header twice": encode(b'{"alg":"none","alg":"EdDSA"}') + TOKEN[TOKEN.index(b".") :],
        "changed": TOKEN.replace(b".eyJ", b".eyI", 1),
        "two parts": TOKEN.rpartition(b".")[0],
        "four parts": TOKEN + b".x",
        "padded": TOKEN + b"==",
        "no base64": b"a.b.c",
        "no text": b"\xff\xfe",
        "nothing": b"",
        "very long": TOKEN + b"A" * 5_000,
        "for another": OFFICE.token({**GOOD, "aud": "http://them.test"}),
    }.values(),
)
def test_nothing_else_is_believed(token: bytes) -> None:
    with pytest.raises(CallbackUnsigned):
        read(token)


def test_without_a_key_nobody_is_believed() -> None:
    with pytest.raises(CallbackUnsigned):
        Jws().read(Config(mode=Mode.TEST, public_url=US), {}, TOKEN, at=NOW)
    with pytest.raises(ConfigError, match="SAQTAU_BIOMETRICS_JWS_KEY"):
        require_usable(Config(biometrics_jws_url="http://bio.test", biometrics_jws_key="AAAA"))


@pytest.mark.parametrize(
    "odd",
    [
        {"verdict": "MAYBE"},
        {"similarity": 1.5},
        {"similarity": -0.1},
        {"reference": "7"},
        {"proof": "zz"},
        {"iat": "now"},
        {"iat": -1},
    ],
)
def test_odd_claims_are_told(odd: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(OFFICE.token({**GOOD, **odd}))


def test_a_claim_told_twice_is_told() -> None:
    twice = PAYLOAD[:-1] + b',"verdict":"SAME"}'
    with pytest.raises(Invalid):
        read(signed({"alg": "EdDSA"}, twice))
