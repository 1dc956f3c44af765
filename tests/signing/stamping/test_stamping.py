"""Time stamps asked for: believed when all of it holds, else openly absent."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from backend.kernel.resources import Resources
from backend.signing.algorithm import backend
from backend.signing.revocation.breaker import PAUSE
from backend.signing.stamping import protocol, service
from infra.sandbox.nca import stamping
from infra.sandbox.nca.centre import Centre
from tests.signing import centre_online
from tests.signing.centre_online import HASTY_S, ROOT, TIMEOUT_S, Nca

anchors, issue, login_config, nca, online, resources, revoke_stamper = (
    centre_online.anchors, centre_online.issue, centre_online.login_config,
    centre_online.nca, centre_online.online, centre_online.resources, centre_online.revoke_stamper,
)  # fmt: skip
SIGNATURE = b"the octets of a signature"


@pytest.fixture
def config(login_config: Any) -> Any:
    return msgspec.structs.replace(login_config, tsp_url=f"{ROOT}/tsp", source_timeout_s=TIMEOUT_S)


async def stamp(
    resources: Resources, algorithm: str = "gost2015-512", within_s: float = TIMEOUT_S
) -> service.Stamp:
    return await service.stamp(resources, SIGNATURE, algorithm, within_s=within_s)


@pytest.mark.parametrize("algorithm", ["gost2015-512", "rsa-sha256"])
async def test_a_stamp_tells_the_authority_s_time(
    resources: Resources, online: Nca, algorithm: str
) -> None:
    found = await stamp(resources, algorithm)
    assert found.outcome == "OK"
    assert found.token
    assert found.at is not None
    assert abs(found.at - online.clock.now()) < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("mood", "word"),
    [
        ("slow", "TIMEOUT"),
        ("silent", "MALFORMED"),
        ("garbage", "MALFORMED"),
        ("empty", "EMPTY"),
        ("error", "HTTP_500"),
        ("try_later", "REJECTED"),
        ("stale", "NOT_VALID"),
    ],
)
async def test_no_stamp_is_no_stamp(
    resources: Resources, online: Nca, mood: str, word: str
) -> None:
    online.moods(tsp=mood)
    found = await stamp(resources, within_s=HASTY_S if mood == "slow" else TIMEOUT_S)
    assert (found.outcome, found.token, found.at) == (word, None, None)
    online.moods()
    assert (await stamp(resources)).outcome == "OK"


async def test_without_an_authority_nobody_is_asked(resources: Resources, online: Nca) -> None:
    config = msgspec.structs.replace(resources.config, tsp_url="")
    found = await stamp(msgspec.structs.replace(resources, config=config))
    assert (found.outcome, found.token) == ("OFF", None)
    assert not online.asked


async def test_an_authority_that_fails_is_left_alone_for_a_while(
    resources: Resources, online: Nca
) -> None:
    online.away = True
    said = [(await stamp(resources)).outcome for _ in range(5)]
    assert said == ["UNREACHABLE"] * 3 + ["BREAKER_OPEN"] * 2
    assert online.asked["tsp"] == 3
    online.away = False
    online.pass_time(PAUSE)
    assert (await stamp(resources)).outcome == "OK"


def deciding(resources: Resources) -> Resources:
    """The same, where the status of certificates must be known."""
    config = msgspec.structs.replace(
        resources.config, ocsp_url=f"{ROOT}/ocsp", crl_url=centre_online.BASE
    )
    return msgspec.structs.replace(resources, config=config)


async def test_a_stamp_of_a_revoked_authority_is_none(
    resources: Resources, online: Nca, revoke_stamper: centre_online.Revoke
) -> None:
    revoke_stamper(resources.clock.now(), 4)
    found = await stamp(deciding(resources))
    assert (found.outcome, found.token, found.at) == ("AUTHORITY_REVOKED", None, None)


async def test_of_an_authority_nobody_can_decide_on_too(resources: Resources, online: Nca) -> None:
    resources = deciding(resources)
    online.moods(ocsp="try_later")
    for _ in range(4):  # the authority did its part: it is not left alone
        assert (await stamp(resources)).outcome == "AUTHORITY_UNKNOWN"
    online.moods()
    online.pass_time(PAUSE)
    assert (await stamp(resources)).outcome == "OK"
    await centre_online.refreshed(resources)
    online.moods(ocsp="try_later")
    online.pass_time(timedelta(minutes=5))
    assert (await stamp(resources)).outcome == "OK"  # the lists know


class TestAnswers:
    """An answer judged without a network."""

    def asked(self, nonce: int = 7, over: bytes = SIGNATURE) -> bytes:
        return protocol.request(over, "gost2015-512", nonce)

    def judged(self, raw: bytes, resources: Resources, nonce: int = 7) -> str:
        trust = resources.config.trust
        try:
            return service.judge(raw, nonce, SIGNATURE, trust, resources.clock.now()).outcome
        except protocol.Refused as e:
            return e.reason
        except ValueError:
            return "MALFORMED"

    async def test_of_our_question(self, resources: Resources, nca: Centre) -> None:
        now = resources.clock.now()
        good = nca.time_stamp_response(self.asked(), now)
        assert self.judged(good, resources) == "OK"
        assert self.judged(good, resources, nonce=8) == "OTHER_NONCE"
        other = nca.time_stamp_response(self.asked(over=b"another"), now)
        assert self.judged(other, resources) == "NOT_VALID"
        for apart in (timedelta(minutes=6), timedelta(minutes=-6)):
            elsewhen = nca.time_stamp_response(self.asked(), now + apart)
            assert self.judged(elsewhen, resources) == "CLOCK_DIFFERS"

    async def test_of_a_stranger_or_of_no_authority(
        self, resources: Resources, nca: Centre
    ) -> None:
        now = resources.clock.now()
        stranger = Centre.create(b"stranger", now, algorithms=["gost2015-512"])
        assert self.judged(stranger.time_stamp_response(self.asked(), now), resources) == (
            "NOT_VALID"
        )
        person = nca.issue_individual("900101300017", "А Б", now)
        request = stamping.read_request(self.asked())
        by_person = stamping.response(stamping.token(person, request, now, 5))
        assert self.judged(by_person, resources) == "NOT_VALID"

    async def test_changed_in_any_place(self, resources: Resources, nca: Centre) -> None:
        now, trust = resources.clock.now(), resources.config.trust
        good = nca.time_stamp_response(self.asked(), now)
        for place in range(0, len(good), 37):
            changed = bytearray(good)
            changed[place] ^= 1
            if self.judged(bytes(changed), resources) == "OK":  # a bit outside what is signed
                assert service.judge(bytes(changed), 7, SIGNATURE, trust, now).at == now

    async def test_the_digest_is_of_the_signer_s_family(self) -> None:
        for algorithm, digest_oid in backend.DIGEST_OIDS.items():
            asked = stamping.read_request(protocol.request(SIGNATURE, algorithm, 1))
            assert asked.digest_oid == digest_oid
            assert asked.digest == backend.DIGESTS[digest_oid](SIGNATURE)
