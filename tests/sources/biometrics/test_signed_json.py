"""The biometric provider: how a session is asked for, and whose callbacks are believed."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import respx

from backend.kernel.config import Config
from backend.sources.biometrics import signed_json
from backend.sources.biometrics.model import Start
from backend.sources.biometrics.signed_json import SignedJson
from backend.sources.exchange import SourceUnavailable

CONFIG = Config(biometrics_url="http://bio.test")
NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
START = Start(UUID(int=1), "http://us.test/api/v1/biometrics/callbacks", "ab" * 32, NOW)
BODY = b'{"session_id":"x"}'
STAMP = str(int(NOW.timestamp()))


async def test_a_session_is_asked_for_with_an_opaque_subject(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.post("http://bio.test/sessions").respond(
        201, json={"provider_url": "http://bio.test/s/1"}
    )
    async with httpx.AsyncClient() as http:
        started = await SignedJson().start(http, CONFIG, START)
    assert started.provider_url == "http://bio.test/s/1"
    assert json.loads(route.calls.last.request.content) == {
        "session_id": str(UUID(int=1)),
        "callback_url": "http://us.test/api/v1/biometrics/callbacks",
        "subject": "ab" * 32,
        "started_at": "2026-04-06T04:00:00Z",
    }


async def test_a_silent_provider_is_unavailable(respx_mock: respx.MockRouter) -> None:
    respx_mock.post("http://bio.test/sessions").mock(side_effect=httpx.ReadTimeout("slow"))
    async with httpx.AsyncClient() as http:
        with pytest.raises(SourceUnavailable):
            await SignedJson().start(http, CONFIG, START)


def test_the_signature_is_hmac_sha_256_over_stamp_dot_body() -> None:
    # printf '1775448000.{"session_id":"x"}' | openssl dgst -sha256 -hmac key
    assert STAMP == "1775448000"
    signed = signed_json.sign("key", STAMP, BODY)
    assert len(signed) == 64
    assert signed_json.is_authentic("key", STAMP, signed, BODY, at=NOW)


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_callback_is_believed_for_five_minutes(late: int) -> None:
    signed = signed_json.sign("key", STAMP, BODY)
    assert signed_json.is_authentic("key", STAMP, signed, BODY, at=NOW + timedelta(seconds=late))


@pytest.mark.parametrize(
    ("key", "stamp", "signature", "body", "late"),
    [
        ("key", STAMP, "right", BODY, 301),
        ("key", STAMP, "right", BODY, -301),
        ("other", STAMP, "right", BODY, 0),
        ("", STAMP, "right", BODY, 0),
        ("key", STAMP, "", BODY, 0),
        ("key", STAMP, "ж" * 64, BODY, 0),
        ("key", STAMP, "right", BODY + b" ", 0),
        ("key", str(int(STAMP) + 1), "right", BODY, 0),
        ("key", "", "right", BODY, 0),
        ("key", "-5", "right", BODY, 0),
        ("key", "9" * 40, "right", BODY, 0),
        ("key", "١٧٧٥", "right", BODY, 0),
    ],
)
def test_nothing_else_is_believed(
    key: str, stamp: str, signature: str, body: bytes, late: int
) -> None:
    given = signed_json.sign("key", STAMP, BODY) if signature == "right" else signature
    assert not signed_json.is_authentic(key, stamp, given, body, at=NOW + timedelta(seconds=late))
