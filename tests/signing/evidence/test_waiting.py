"""What cannot be decided waits: refused with 503, asked about again, never accepted from the queue."""

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.signing.errors import CertRevoked, NotSignerOfOrg, RevocationUnknown
from backend.signing.evidence import service, waiting
from backend.signing.evidence.model import SignedRequest
from backend.signing.revocation.breaker import PAUSE
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing import centre_online
from tests.signing.centre_online import Nca
from tests.signing.login.conftest import CLINIC, OTHER_CLINIC, Issue

anchors, config, issue, login_config, nca, online, resources = (
    centre_online.anchors, centre_online.config, centre_online.issue, centre_online.login_config,
    centre_online.nca, centre_online.online, centre_online.resources,
)  # fmt: skip


class Promise(msgspec.Struct, frozen=True, tag="test.promise", tag_field="operation"):
    text: str


@pytest.fixture
def key(issue: Issue) -> KeyPair:
    return issue(CLINIC, "head")


def request(key: KeyPair, text: str = "құпия") -> SignedRequest:
    document = msgspec.json.encode(Promise(text))
    cms = key.sign_cms(document, at=MONDAY_MORNING)
    return SignedRequest(
        document=base64.b64encode(document).decode(), signature=base64.b64encode(cms).decode()
    )


async def send(resources: Resources, given: SignedRequest, bin_: str = CLINIC) -> Any:
    actor = Actor(session_id=uuid4(), roles=frozenset({Role.EXECUTOR_HEAD}), bin=bin_)
    return await service.accept(resources, actor, given, Promise)


async def waits(owner: Any) -> list[tuple[str | None, int]]:
    rows = await owner.fetch("SELECT code, tries FROM signing.undecided ORDER BY asked_at")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("revoked", [False, True])
async def test_it_is_asked_about_until_it_is_decided(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair, owner: Any, revoked: bool
) -> None:
    online.moods(ocsp="try_later")
    given = request(key)
    for _ in range(2):  # sent twice, it waits once
        with pytest.raises(RevocationUnknown):
            await send(resources, given)
    await waiting.ask_again(resources)  # not due yet
    assert await waits(owner) == [(None, 0)]
    online.pass_time(PAUSE)
    await waiting.ask_again(resources)
    assert await waits(owner) == [(None, 1)]
    if revoked:
        nca.revoke(key, MONDAY_MORNING)
    online.moods()
    online.pass_time(2 * PAUSE)
    await waiting.ask_again(resources)
    assert await waits(owner) == [("REVOKED" if revoked else "OK", 2)]
    assert await owner.fetchval("SELECT count(*) FROM signing.evidence") == 0  # asked, not accepted
    if revoked:
        with pytest.raises(CertRevoked):
            await send(resources, given)
    else:
        assert (await send(resources, given)).command == Promise("құпия")


async def test_what_waits_nobody_reads(
    resources: Resources, online: Nca, key: KeyPair, owner: Any
) -> None:
    online.moods(ocsp="error")
    with pytest.raises(RevocationUnknown):
        await send(resources, request(key))
    row = await owner.fetchrow("SELECT * FROM signing.undecided")
    assert "құпия".encode() not in row["sealed"]
    assert CLINIC not in str(dict(row))
    online.pass_time(waiting.KEPT_FOR + timedelta(seconds=1))
    await waiting.ask_again(resources)
    assert await waits(owner) == []


async def test_another_s_signature_does_not_wait(
    resources: Resources, online: Nca, key: KeyPair, owner: Any
) -> None:
    online.moods(ocsp="error")
    with pytest.raises(NotSignerOfOrg):
        await send(resources, request(key), OTHER_CLINIC)
    assert await waits(owner) == []


async def test_so_many_of_one_organisation_and_no_more(
    resources: Resources, online: Nca, key: KeyPair, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAITING_MAX", 3)
    online.moods(ocsp="error")
    for n in range(5):
        with pytest.raises(RevocationUnknown):
            await send(resources, request(key, str(n)))
    assert len(await waits(owner)) == 3
