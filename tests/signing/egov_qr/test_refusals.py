"""What a phone, a stranger or a careless page sends, and nothing comes of it."""

import asyncio
import base64
import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.signing.egov_qr import rules, service
from backend.signing.egov_qr.model import NewPackage
from infra.sandbox.egov_mobile import EgovMobile, Refused, sign_xml
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign
from tests.conftest import MONDAY_MORNING
from tests.signing.egov_qr.conftest import PACKAGES, Phone, command, offer, offered, state
from tests.signing.login.conftest import CLINIC, IIN, NAME, OTHER_CLINIC, OTHER_IIN, Issue

XML = b"<act><n>17</n></act>"


async def begun(
    http: httpx.AsyncClient, phone: EgovMobile, body: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The package, its introduction, and the documents as offered."""
    package = await offered(http, body)
    introduction = await phone.scan(package["qr_text"])
    return package, introduction, await phone.fetch(introduction)


async def refused(asked: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await asked
    return caught.value


async def last_refusal(http: httpx.AsyncClient, package: dict[str, Any]) -> str | None:
    code: str | None = (await http.get(f"{PACKAGES}/{package['package_id']}")).json()[
        "last_refusal"
    ]
    return code


def put_data(signed: dict[str, Any], raw: bytes, index: int = 0) -> dict[str, Any]:
    changed = copy.deepcopy(signed)
    file = changed["documentsToSign"][index]["document"]["file"]
    file["data"] = base64.b64encode(raw).decode()
    return changed


async def test_only_a_right_signature_of_the_offered_bytes_is_taken(
    http: httpx.AsyncClient, my_phone: EgovMobile, head: KeyPair, issue: Issue, clock: FixedClock
) -> None:
    stranger = Centre.create(b"another centre", MONDAY_MORNING).issue_legal(
        IIN, CLINIC, NAME, "ТОО", "head", MONDAY_MORNING
    )
    flipped = bytearray(head.sign_cms(command(), at=MONDAY_MORNING))
    flipped[-5] ^= 1
    attempts: dict[str, tuple[bytes, str]] = {
        "other bytes": (head.sign_cms(command(9), at=MONDAY_MORNING), "SIGNATURE_INVALID"),
        "other bytes inside": (
            head.sign_cms(command(9), detached=False, at=MONDAY_MORNING),
            "SIGNATURE_INVALID",
        ),
        "attached, not detached": (
            head.sign_cms(command(), detached=False, at=MONDAY_MORNING),
            "SIGN_PACKAGE_CHANGED",
        ),
        "a changed bit": (bytes(flipped), "SIGNATURE_INVALID"),
        "another centre": (stranger.sign_cms(command(), at=MONDAY_MORNING), "SIGNATURE_INVALID"),
        "another organisation": (
            issue(OTHER_CLINIC, "head").sign_cms(command(), at=MONDAY_MORNING),
            "NOT_SIGNER_OF_ORG",
        ),
        "a citizen": (issue(None, "").sign_cms(command(), at=MONDAY_MORNING), "NOT_SIGNER_OF_ORG"),
        "a role not named": (
            issue(CLINIC, "employee").sign_cms(command(), at=MONDAY_MORNING),
            "NOT_SIGNER_OF_ORG",
        ),
        "two signers": (
            co_sign(command(), [head, issue(CLINIC, "signatory")], at=MONDAY_MORNING),
            "SIGNATURE_INVALID",
        ),
        "the document itself": (command(), "SIGN_PACKAGE_CHANGED"),
        "XML for CMS": (sign_xml(XML.decode(), head).encode(), "SIGNATURE_INVALID"),
        "nothing": (b"", "SIGN_PACKAGE_CHANGED"),
    }
    for what, (cms, code) in attempts.items():
        clock.advance(timedelta(seconds=1))  # another instant, another signature
        package, introduction, documents = await begun(http, my_phone, offer())
        signed = put_data(documents, cms)
        answer = await refused(my_phone.send(introduction, signed))
        assert answer.status == 403, what
        assert answer.message, what
        assert await last_refusal(http, package) == code, what
        assert await state(http, package) == "OPENED", what
        assert await my_phone.send(introduction, my_phone.sign(documents)) == "success", what


def _without(path: str) -> Callable[[dict[str, Any]], None]:
    def change(package: dict[str, Any]) -> None:
        del package["documentsToSign"][0][path]

    return change


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(package: dict[str, Any]) -> None:
        package["documentsToSign"][0][path] = value

    return change


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "a partial package": lambda p: p["documentsToSign"].pop(),
    "a document twice": lambda p: p["documentsToSign"].append(p["documentsToSign"][0]),
    "places exchanged": lambda p: p["documentsToSign"].reverse(),
    "another method": lambda p: p.update(signMethod="CMS_WITH_DATA"),
    "another version": lambda p: p.update(version=2),
    "a version of another type": lambda p: p.update(version=True),
    "one more field": lambda p: p.update(more=1),
    "no documents": lambda p: p.pop("documentsToSign"),
    "documents no list": lambda p: p.update(documentsToSign={}),
    "an id": _set("id", 7),
    "a name": _set("nameRu", "Акт № 18"),
    "no name": _without("nameKz"),
    "the meta": _set("meta", [{"name": "№", "value": "x"}]),
    "no file": _without("document"),
    "a file of another kind": _set("document", {"file": {"mime": "text/plain", "data": "AAAA"}}),
    "data no text": _set("document", {"file": {"mime": "application/json", "data": 7}}),
    "data no base64": _set("document", {"file": {"mime": "application/json", "data": "%%"}}),
    "XML beside": _set("documentXml", "<a/>"),
}


async def test_a_package_comes_back_whole_and_unchanged(
    http: httpx.AsyncClient, my_phone: EgovMobile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REFUSALS_MAX", 100)
    body = offer("CMS_SIGN_ONLY", command(1), command(2))
    package, introduction, documents = await begun(http, my_phone, body)
    good = my_phone.sign(documents)
    for what, change in CHANGES.items():
        changed = copy.deepcopy(good)
        change(changed)
        assert (await refused(my_phone.send(introduction, changed))).status == 403, what
        assert await last_refusal(http, package) == "SIGN_PACKAGE_CHANGED", what
    for odd in (b"", b"[", b"null", b"[]", b'"x"', b'{"a":1,"a":2}', b"\xff", b"[" * 5000):
        uri = introduction["document"]["uri"]
        headers = {"authorization": f"Bearer {introduction['document']['auth_token']}"}
        answer = await my_phone.http.put(uri, content=odd, headers=headers)
        assert (answer.status_code, list(answer.json())) == (403, ["message"])
    half = copy.deepcopy(good)
    half["documentsToSign"][1] = documents["documentsToSign"][1]
    assert (await refused(my_phone.send(introduction, half))).status == 403
    tolerated = copy.deepcopy(good)
    tolerated["documentsToSign"][0]["documentXml"] = (
        None  # an app that writes what is absent as null
    )
    assert await my_phone.send(introduction, tolerated) == "success"


@pytest.mark.parametrize(
    "forge",
    [
        lambda xml, key: sign_xml("<act><n>18</n></act>", key),
        lambda xml, key: sign_xml(xml, key).replace("<n>17", "<n>18"),
        lambda xml, key: sign_xml(xml, key).replace("<act>", '<act a="1">'),
        lambda xml, key: sign_xml(f"<act>{xml}</act>", key),
        lambda xml, key: sign_xml(sign_xml(xml, key), key),
        lambda xml, key: xml,
        lambda xml, key: "<a",
        lambda xml, key: base64.b64encode(key.sign_cms(XML, at=MONDAY_MORNING)).decode(),
    ],
)
async def test_xml_is_signed_as_it_was_offered(
    http: httpx.AsyncClient, my_phone: EgovMobile, head: KeyPair, forge: Any
) -> None:
    _, introduction, documents = await begun(http, my_phone, offer("XML", XML))
    signed = copy.deepcopy(documents)
    signed["documentsToSign"][0]["documentXml"] = forge(XML.decode(), head)
    assert (await refused(my_phone.send(introduction, signed))).status == 403


async def test_tokens_and_links_open_their_own_package_only(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    _, one, documents = await begun(http, my_phone, offer())
    _, two, _ = await begun(http, my_phone, offer("CMS_SIGN_ONLY", command(2)))
    foreign = copy.deepcopy(one)
    foreign["document"]["auth_token"] = two["document"]["auth_token"]
    for token in (foreign["document"]["auth_token"], "", "x" * 99, "я"):
        uri = one["document"]["uri"]
        headers = {"authorization": f"Bearer {token}".encode()}
        for answer in (
            await my_phone.http.get(uri, headers=headers),
            await my_phone.http.put(uri, headers=headers, json=my_phone.sign(documents)),
        ):
            assert (answer.status_code, list(answer.json())) == (403, ["message"])
    assert (await my_phone.http.get(one["document"]["uri"])).status_code == 403
    wrong = one["document"]["uri"].replace("/phone/", "/phone/A")
    assert (await my_phone.http.get(wrong)).status_code == 403
    assert (
        await refused(my_phone.scan("mobileSign:http://x/api/v1/egov-qr/phone/x/mgovSign"))
    ).status == 403
    session = http.headers["authorization"]  # a session of the service is no token of a package
    answer = await my_phone.http.get(one["document"]["uri"], headers={"authorization": session})
    assert answer.status_code == 403


async def test_a_package_is_seen_by_whoever_offered_it(
    http: httpx.AsyncClient, client: Any, my_phone: EgovMobile
) -> None:
    package, *_ = await begun(http, my_phone, offer())
    url = f"{PACKAGES}/{package['package_id']}"
    for who in (
        client(),
        client(Role.EXECUTOR_HEAD, bin=OTHER_CLINIC),
        client(Role.EXECUTOR_HEAD, bin=CLINIC, signer=b"1" * 32),
        client(Role.INSURED, person_id=service.uuid7()),
    ):
        async with who as other:
            for answer in (
                await other.get(url),
                await other.get(f"{url}/events"),
                await other.get(f"{url}/signed"),
                await other.delete(url),
            ):
                assert answer.json()["code"] == "SIGN_PACKAGE_NOT_FOUND"
    async with client() as guest, client(Role.INSURED, person_id=service.uuid7()) as citizen:
        assert (await guest.post(PACKAGES, json=offer())).status_code == 401
        assert (await citizen.post(PACKAGES, json=offer())).status_code == 403


async def test_one_package_is_signed_once(
    http: httpx.AsyncClient, my_phone: EgovMobile, owner: asyncpg.Connection
) -> None:
    package, introduction, documents = await begun(http, my_phone, offer())
    attempts = [my_phone.sign(documents) for _ in range(6)]
    answers = await asyncio.gather(
        *(my_phone.send(introduction, one) for one in attempts), return_exceptions=True
    )
    assert sorted(map(str, answers)).count("success") == 1
    assert all(isinstance(a, Refused) and a.status == 403 for a in answers if a != "success")
    assert await owner.fetchval("SELECT count(*) FROM signing.evidence") == 1
    assert await owner.fetchval("SELECT count(*) FROM signing.egov_qr_signature") == 1
    for asked in (
        my_phone.send(introduction, attempts[0]),
        my_phone.fetch(introduction),
        my_phone.scan(package["qr_text"]),
    ):
        assert (await refused(asked)).status == 403
    assert await state(http, package) == "SIGNED"


async def test_a_signature_serves_one_package(
    http: httpx.AsyncClient,
    my_phone: EgovMobile,
    head: KeyPair,
    owner: asyncpg.Connection,
    clock: FixedClock,
) -> None:
    cms = head.sign_cms(command(), at=MONDAY_MORNING)
    _, introduction, documents = await begun(http, my_phone, offer())
    assert await my_phone.send(introduction, put_data(documents, cms)) == "success"
    package, introduction, documents = await begun(http, my_phone, offer())
    await refused(my_phone.send(introduction, put_data(documents, cms)))
    assert await last_refusal(http, package) == "SIGN_REPLAYED"
    assert await owner.fetchval("SELECT count(*) FROM signing.evidence") == 1
    clock.advance(timedelta(seconds=1))
    assert await my_phone.send(introduction, my_phone.sign(documents)) == "success"


async def test_after_five_refusals_the_package_is_withdrawn(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    package, introduction, documents = await begun(http, my_phone, offer())
    for _ in range(rules.REFUSALS_MAX):
        assert await state(http, package) == "OPENED"
        await refused(my_phone.send(introduction, documents))
    assert await state(http, package) == "REFUSED"
    await refused(my_phone.send(introduction, my_phone.sign(documents)))


async def test_a_login_xml_is_of_this_address_and_this_moment_and_shown_once(
    http: httpx.AsyncClient, my_phone: EgovMobile, phone: Phone, issue: Issue, clock: FixedClock
) -> None:
    package = await offered(http, offer(auth_type="Eds"))
    introduction = await my_phone.scan(package["qr_text"])
    uri = introduction["document"]["uri"]
    good = my_phone.login_xml(uri)

    async def shown(xml: Any) -> int:
        return (await my_phone.http.post(uri, json={"xml": xml})).status_code

    assert introduction["document"]["auth_token"] == ""
    assert (await my_phone.http.get(uri)).status_code == 403
    unseen = {"signMethod": "CMS_SIGN_ONLY", "version": 1, "documentsToSign": []}
    assert (await my_phone.http.put(uri, json=unseen)).status_code == 403
    window = rules.EDS_WINDOW + timedelta(seconds=1)
    for bad in (
        my_phone.login_xml("https://elsewhere.kz/documents"),
        my_phone.login_xml(uri, at=MONDAY_MORNING - window),
        my_phone.login_xml(uri, at=MONDAY_MORNING + window),
        my_phone.login_xml(uri, at=MONDAY_MORNING.replace(tzinfo=None)),
        good.replace(uri, uri + "x"),
        f"<login><url>{uri}</url><timestamp>{MONDAY_MORNING.isoformat()}</timestamp></login>",
        phone(issue(OTHER_CLINIC, "head")).login_xml(uri),
        phone(issue(CLINIC, "employee")).login_xml(uri),
        sign_xml(f"<other><url>{uri}</url></other>", issue(CLINIC, "head")),
        "",
        None,
    ):
        assert await shown(bad) in (403, 422), bad
    assert await shown(good) == 200
    assert await shown(good) == 403
    clock.advance(timedelta(seconds=1))
    documents = await my_phone.fetch(introduction)
    deputy = phone(issue(CLINIC, "signatory", OTHER_IIN))
    answer = await refused(deputy.send(introduction, deputy.sign(documents)))
    assert answer.status == 403  # shown to the head, signed by the deputy
    assert await my_phone.send(introduction, my_phone.sign(documents)) == "success"


async def test_a_revoked_key_and_an_unknown_one(
    app: Any, config: Config, resources: Resources, nca: Centre, clock: FixedClock
) -> None:
    """In production revocation must be known: "not decided" is neither success nor refusal."""
    from backend.app.asgi import create_app

    strict = msgspec.structs.replace(
        resources, config=msgspec.structs.replace(config, mode=Mode.PRODUCTION)
    )
    key = nca.issue_legal(IIN, CLINIC, NAME, "ТОО", "head", MONDAY_MORNING)
    actor = Actor(session_id=service.uuid7(), roles=frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC)
    package = await service.offer(strict, actor, msgspec.convert(offer(), NewPackage))
    transport = httpx.ASGITransport(app=create_app(strict.config, strict))
    async with httpx.AsyncClient(transport=transport) as http:
        phone = EgovMobile(key, http, now=clock.now)
        introduction = await phone.scan(package.qr_text)
        signed = phone.sign(await phone.fetch(introduction))
        uri = introduction["document"]["uri"]
        headers = {"authorization": f"Bearer {introduction['document']['auth_token']}"}
        answer = await http.put(uri, json=signed, headers=headers)
        assert (answer.status_code, list(answer.json())) == (503, ["message"])
        assert answer.headers["retry-after"]
        found = await service.find(strict, package.package_id, actor, None)
        assert (found.status, found.refusals) == ("OPENED", 0)
    nca.revoke(key, MONDAY_MORNING - timedelta(days=1))
    await resources.db.signing.pool.execute(
        "INSERT INTO signing.crl (url, der, fetched_at) VALUES ('x', $1, $2)",
        nca.crl(MONDAY_MORNING),
        MONDAY_MORNING,
    )
    async with httpx.AsyncClient(transport=transport) as http:
        for _ in range(40):  # the held lists are looked at again within seconds
            answer = await http.put(uri, json=signed, headers=headers)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.1)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "ештеңе"), ("ru", "ничего"), ("en", "Nothing"), (None, "ештеңе")]
)
async def test_the_app_is_told_in_its_language(
    my_phone: EgovMobile, language: str | None, word: str
) -> None:
    headers = {"accept-language": language} if language else {}
    answer = await my_phone.http.get(
        "http://x/api/v1/egov-qr/phone/unknown/mgovSign", headers=headers
    )
    assert answer.status_code == 403
    assert word in answer.json()["message"]


BAD_OFFERS: dict[str, tuple[dict[str, Any], str]] = {
    "no documents": ({**offer(), "documents": []}, "SIGN_PACKAGE_BAD"),
    "too many": (offer("CMS_SIGN_ONLY", *(command(i) for i in range(21))), "SIGN_PACKAGE_BAD"),
    "one twice": (offer("CMS_SIGN_ONLY", command(), command()), "SIGN_PACKAGE_BAD"),
    "bytes": (offer("SIGN_BYTES_ARRAY"), "SIGN_METHOD_UNSUPPORTED"),
    "mixed without methods": (offer("MIX_SIGN"), "SIGN_PACKAGE_BAD"),
    "another operation": (offer(operation="act.approve"), "SIGN_PACKAGE_BAD"),
    "no command": (offer("CMS_SIGN_ONLY", b"x", operation="act.submit"), "SIGN_PACKAGE_BAD"),
    "no operation's name": (offer(operation="Act submit"), "SIGN_PACKAGE_BAD"),
    "no XML": (offer("XML", b"{}"), "SIGN_PACKAGE_BAD"),
    "XML with a DTD": (offer("XML", b"<!DOCTYPE a><a></a>"), "SIGN_PACKAGE_BAD"),
    "XML with a comment": (offer("XML", b"<a><!-- x --></a>"), "SIGN_PACKAGE_BAD"),
    "a role of no person": (offer(roles=["information_system"]), "SIGN_PACKAGE_BAD"),
    "no roles": (offer(roles=[]), "SIGN_PACKAGE_BAD"),
    "empty": (offer("CMS_SIGN_ONLY", b""), "SIGN_PACKAGE_BAD"),
    "too large": (offer("CMS_SIGN_ONLY", b"x" * 3_000_000, b"y" * 3_000_000), "SIGN_PACKAGE_BAD"),
    "an unknown auth type": (offer(auth_type="Basic"), "INVALID"),
    "an unknown field": ({**offer(), "more": 1}, "INVALID"),
}


async def test_what_cannot_be_offered(http: httpx.AsyncClient) -> None:
    for what, (body, code) in BAD_OFFERS.items():
        answer = await http.post(PACKAGES, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), what


async def test_guests_do_not_ask_for_logins_without_end(client: Any) -> None:
    async with client() as guest:
        codes = [(await guest.post("/api/v1/egov-qr/logins")).status_code for _ in range(61)]
    assert codes == [201] * 60 + [429]
