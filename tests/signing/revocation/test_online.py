"""The OCSP responder asked over HTTP: what it says is heeded, what it does not say is not known."""

import asyncio
import base64
import contextlib
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.config import RevocationMode
from backend.kernel.resources import Resources
from backend.signing.errors import CertRevoked, RevocationUnknown
from backend.signing.evidence import service
from backend.signing.evidence.model import SignedRequest
from backend.signing.revocation import ocsp
from backend.signing.revocation import online as asking
from backend.signing.revocation.breaker import PAUSE
from backend.signing.trust.path import Issuer
from infra.sandbox.nca import status
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing import centre_online
from tests.signing.centre_online import HASTY_S, TIMEOUT_S, Nca, hasty, refreshed
from tests.signing.login.conftest import CLINIC, Issue, sign_in

anchors, config, issue, login_config, nca, online, resources = (
    centre_online.anchors, centre_online.config, centre_online.issue, centre_online.login_config,
    centre_online.nca, centre_online.online, centre_online.resources,
)  # fmt: skip
BAD_MOODS = ["slow", "silent", "garbage", "empty", "try_later", "stale", "error"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Promise(msgspec.Struct, frozen=True, tag="test.promise", tag_field="operation"):
    text: str


@pytest.fixture
def key(issue: Issue) -> KeyPair:
    """A key of this test's own: nobody asked about it yet."""
    return issue(CLINIC, "head")


async def accept(resources: Resources, key: KeyPair, text: str = "x") -> Any:
    document = msgspec.json.encode(Promise(text))
    cms = key.sign_cms(document, at=MONDAY_MORNING)
    request = SignedRequest(
        document=base64.b64encode(document).decode(), signature=base64.b64encode(cms).decode()
    )
    actor = Actor(session_id=uuid4(), roles=frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC)
    return await service.accept(resources, actor, request, Promise)


def asked_of(signed: Any) -> tuple[Any, ...]:
    """Which source decided, and whom we asked."""
    found = msgspec.json.decode(signed.proof.manifest)["revocation"]
    return found["status"], found["source"], dict(found["asked"])


async def test_a_good_answer_serves_for_minutes(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    online.pass_time(2 * HOUR)
    signed = await accept(resources, key)
    assert asked_of(signed) == ("good", "ocsp", {"crl": "unknown", "ocsp": "good"})
    online.pass_time(3 * MINUTE)
    await accept(resources, key)
    assert online.asked["ocsp"] == 1
    online.pass_time(2 * MINUTE)
    await accept(resources, key)
    assert online.asked["ocsp"] == 2
    online.pass_time(-HOUR)  # a clock set back does not make it younger
    await accept(resources, key)
    assert online.asked["ocsp"] == 3


async def test_many_signatures_of_one_key_at_once_are_one_question(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    found = await asyncio.gather(*(accept(resources, key, str(n)) for n in range(20)))
    assert len(found) == 20
    assert online.asked["ocsp"] == 1


async def test_revoked_is_for_ever(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    nca.revoke(key, MONDAY_MORNING - MINUTE)
    with pytest.raises(CertRevoked):
        await accept(resources, key)
    online.away = True
    asking._desks.clear()  # another process, another day
    online.pass_time(timedelta(days=30))
    with pytest.raises(CertRevoked):
        await accept(resources, key)
    assert online.asked["ocsp"] == 1


async def test_on_hold_is_not_for_ever(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    nca.revoke(key, MONDAY_MORNING - MINUTE, reason=ocsp.ON_HOLD)
    with pytest.raises(CertRevoked):
        await accept(resources, key)
    nca._revoked.pop(key.serial)  # taken off hold
    assert asked_of(await accept(resources, key))[1] == "ocsp"


@pytest.mark.parametrize("mood", BAD_MOODS)
async def test_no_answer_and_no_list_is_neither_yes_nor_no(
    resources: Resources, online: Nca, key: KeyPair, mood: str
) -> None:
    online.moods(ocsp=mood)
    started = time.monotonic()
    with pytest.raises(RevocationUnknown) as refused:
        await accept(hasty(resources) if mood == "slow" else resources, key)
    assert time.monotonic() - started < TIMEOUT_S  # it would have kept us for ten times that
    assert refused.value.retry_after_s == PAUSE.total_seconds()
    online.moods()
    assert asked_of(await accept(resources, key))[:2] == ("good", "ocsp")


@pytest.mark.parametrize("mood", ["slow", "garbage", "try_later"])
async def test_without_the_responder_fresh_lists_decide(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair, issue: Issue, mood: str
) -> None:
    stolen = issue(CLINIC, "head")
    nca.revoke(stolen, MONDAY_MORNING - MINUTE)
    await refreshed(resources)
    online.moods(ocsp=mood)
    asker = hasty(resources) if mood == "slow" else resources
    signed = await accept(asker, key)
    word = {"slow": "TIMEOUT", "garbage": "MALFORMED", "try_later": "TRY_LATER"}[mood]
    assert asked_of(signed) == ("good", "crl", {"crl": "good", "ocsp": word})
    with pytest.raises(CertRevoked):
        await accept(asker, stolen)


async def test_a_responder_that_drips_keeps_nobody_longer_than_its_time(
    resources: Resources, key: KeyPair
) -> None:
    """Over a real socket: each byte comes in time, the answer never (FAULTS 20)."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"0")
                await writer.drain()
                await asyncio.sleep(HASTY_S / 10)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = msgspec.structs.replace(resources.config, ocsp_url=f"http://127.0.0.1:{port}/")
    async with server, httpx.AsyncClient(timeout=HASTY_S, trust_env=False) as http:
        dripped = hasty(msgspec.structs.replace(resources, config=config, http=http))
        async with asyncio.timeout(TIMEOUT_S):  # the last byte would come in most of an hour
            with pytest.raises(RevocationUnknown):
                await accept(dripped, key)


async def test_what_the_centre_disowns_a_list_does_not_save(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    await refreshed(resources)
    online.moods(ocsp="unknown")
    with pytest.raises(RevocationUnknown):
        await accept(resources, key)


async def test_an_empty_list_decides_nothing(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    online.moods(ocsp="error", crl="empty")
    await refreshed(resources)
    with pytest.raises(RevocationUnknown):
        await accept(resources, key)


async def test_over_http_it_is_503_and_then_decided(client: Any, online: Nca, key: KeyPair) -> None:
    online.moods(ocsp="try_later")
    async with client() as http:
        answer = await sign_in(http, key)
        assert (answer.status_code, answer.json()["code"]) == (503, "SOURCE_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) == PAUSE.total_seconds()
        online.moods()
        assert (await sign_in(http, key)).status_code == 201


async def test_a_responder_that_fails_is_left_alone_for_a_while(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    online.moods(ocsp="error")
    for _ in range(6):
        with pytest.raises(RevocationUnknown):
            await accept(resources, key)
    assert online.asked["ocsp"] == 3
    online.moods()
    online.pass_time(PAUSE)
    await accept(resources, key)
    assert online.asked["ocsp"] == 4


async def test_a_document_that_does_not_stand_asks_nobody(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    cms = key.sign_cms(b"other", at=MONDAY_MORNING)
    found = await service.verify(resources, cms, b"document")
    assert not found.valid
    assert not online.asked


async def test_by_lists_alone_where_it_is_configured(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    config = msgspec.structs.replace(resources.config, revocation=RevocationMode.CRL)
    by_lists = msgspec.structs.replace(resources, config=config)
    with pytest.raises(RevocationUnknown):
        await accept(by_lists, key)
    await refreshed(by_lists)
    assert asked_of(await accept(by_lists, key)) == ("good", "crl", {"crl": "good"})
    assert not online.asked["ocsp"]


async def test_deltas_are_fetched_hourly_and_the_base_daily(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    config = msgspec.structs.replace(resources.config, revocation=RevocationMode.CRL)
    by_lists = msgspec.structs.replace(resources, config=config)
    await refreshed(by_lists)
    assert asked_of(await accept(by_lists, key))[1] == "crl"
    nca.revoke(key, online.clock.now())
    online.pass_time(HOUR)
    await refreshed(by_lists)
    with pytest.raises(CertRevoked):
        await accept(by_lists, key)
    assert (online.asked["gost.crl"], online.asked["gost_d.crl"]) == (1, 2)
    online.pass_time(23 * HOUR)
    await refreshed(by_lists)
    assert (online.asked["gost.crl"], online.asked["gost_d.crl"]) == (2, 3)


async def test_lists_that_fail_are_not_asked_for_every_second(
    resources: Resources, online: Nca
) -> None:
    online.moods(crl="error")
    for _ in range(10):
        await refreshed(resources)
    assert online.asked["gost.crl"] == 3


class TestAnswers:
    """An answer judged: whose it is, on whom, how old."""

    NONCE = b"n" * 16

    @pytest.fixture
    def issuer(self, centre: Centre) -> Issuer:
        found = centre.hierarchy("gost2015-512").issuing.certificate
        return Issuer(found.subject, found.spki, found.subject_key_id)

    def said(self, raw: bytes, key: KeyPair, issuer: Issuer, now: Any, nonce: bytes = NONCE) -> str:
        return asking.read(raw, key.certificate, issuer, nonce, now).said

    def test_of_our_question(self, centre: Centre, head: KeyPair, issuer: Issuer, now: Any) -> None:
        asked = ocsp.request(head.certificate, issuer, self.NONCE)
        answer = centre.ocsp_response(asked, now)
        assert self.said(answer, head, issuer, now) == "good"
        assert self.said(answer, head, issuer, now, b"m" * 16) == "OTHER_NONCE"
        assert self.said(answer, head, issuer, now + 6 * MINUTE) == "STALE"
        assert self.said(answer, head, issuer, now - 6 * MINUTE) == "STALE"
        for place in range(0, len(answer), 40):
            changed = bytearray(answer)
            changed[place] ^= 1
            heard = self.said(bytes(changed), head, issuer, now)
            assert heard == "good" or heard not in asking.DECIDED  # outside what is signed

    def test_of_another_certificate(
        self, centre: Centre, head: KeyPair, issuer: Issuer, now: Any
    ) -> None:
        other = centre.issue_individual("900101300017", "А Б", now)
        asked = ocsp.request(other.certificate, issuer, self.NONCE)
        answer = centre.ocsp_response(asked, now)
        assert self.said(answer, head, issuer, now) == "OTHER_CERTIFICATE"

    def test_of_a_stranger(self, centre: Centre, head: KeyPair, issuer: Issuer, now: Any) -> None:
        stranger = Centre.create(b"stranger", now, algorithms=["gost2015-512"])
        asked, nonce = status.read_request(ocsp.request(head.certificate, issuer, self.NONCE))
        responder = stranger.hierarchy("gost2015-512").responder
        forged = status.response(responder, [(asked[0], None)], now, nonce)
        assert self.said(forged, head, issuer, now) == "NOT_SIGNED"

    def test_from_store_without_a_nonce(
        self, centre: Centre, head: KeyPair, issuer: Issuer, now: Any
    ) -> None:
        asked, _ = status.read_request(ocsp.request(head.certificate, issuer, self.NONCE))
        responder = centre.hierarchy("gost2015-512").responder
        stored = status.response(responder, [(asked[0], None)], now, None)
        assert self.said(stored, head, issuer, now) == "good"

    @pytest.mark.parametrize(
        ("number", "word"),
        [(1, "MALFORMED_REQUEST"), (2, "INTERNAL_ERROR"), (3, "TRY_LATER"), (6, "UNAUTHORIZED")],
    )
    def test_refusals(
        self, head: KeyPair, issuer: Issuer, now: Any, number: int, word: str
    ) -> None:
        assert self.said(status.failure(number), head, issuer, now) == word
        assert self.said(b"", head, issuer, now) == "MALFORMED"
