"""The whole way: offer, scan, sign on the phone, fetch what was signed."""

import asyncio
import base64
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import msgspec
import pytest

from backend.kernel.actor import Actor
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.egov_qr import service
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy
from infra.sandbox.egov_mobile import EgovMobile, Refused
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing.egov_qr.conftest import PACKAGES, Phone, command, offer, offered, signed, state
from tests.signing.login.conftest import CLINIC, IIN, Issue

XML = '<act xmlns="urn:x"><n a="1">№ 17</n>\n</act>'.encode()
AUTH_TYPES = ["Token", "None", "Eds"]


class Submit(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="act.submit",
    tag_field="operation",
):  # fmt: skip
    number: int


@pytest.mark.parametrize("auth", AUTH_TYPES)
@pytest.mark.parametrize("method", ["CMS_SIGN_ONLY", "CMS_WITH_DATA"])
async def test_what_the_phone_signed_serves_the_operation_it_was_offered_for(
    http: httpx.AsyncClient,
    my_phone: EgovMobile,
    resources: Resources,
    auth: str,
    method: str,
) -> None:
    body = offer(method, command(1), command(2), auth_type=auth, operation="act.submit")
    package = await offered(http, body)
    assert (package["status"], await state(http, package)) == ("PENDING", "PENDING")
    introduction = await my_phone.scan(package["qr_text"])
    assert await state(http, package) == "OPENED"
    documents = await my_phone.fetch(introduction)
    assert await my_phone.send(introduction, my_phone.sign(documents)) == "success"
    assert await state(http, package) == "SIGNED"
    found = await signed(http, package)
    assert found["operation"] == "act.submit"
    actor = Actor(session_id=service.uuid7(), roles=frozenset(), bin=CLINIC)
    for number, document in enumerate(found["documents"], start=1):
        request = msgspec.convert(document["request"], SignedRequest)
        accepted = await evidence.accept(resources, actor, request, Submit)
        assert (accepted.command, accepted.document) == (Submit(number), command(number))
        kept = await evidence.find(resources.db.signing, accepted_id(document))
        assert kept is not None
        assert (kept.document, kept.signer_bin) == (command(number), CLINIC)


def accepted_id(document: dict[str, Any]) -> Any:
    return msgspec.convert(document["evidence_id"], service.UUID)


async def test_both_documents_of_the_protocol_are_exactly_as_the_app_reads_them(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    package = await offered(http, offer())
    introduction = await my_phone.scan(package["qr_text"])
    uri = introduction["document"]["uri"]
    assert uri.startswith("http://127.0.0.1:8080/api/v1/egov-qr/phone/")
    token = introduction["document"]["auth_token"]
    assert len(token) >= 43
    assert token not in uri
    assert introduction == {
        "description": "№ 17 акт",
        "expiry_date": "2026-04-06T09:10:00.000+05:00",
        "organisation": {
            "nameRu": "Saqtau, цифровой сервис финансирования здравоохранения",
            "nameKz": "Saqtau, денсаулық сақтауды қаржыландырудың цифрлық сервисі",
            "nameEn": "Saqtau, the digital service of healthcare financing",
            "bin": "050140000010",
        },
        "document": {"uri": uri, "auth_type": "Token", "auth_token": token},
    }
    assert await my_phone.fetch(introduction) == {
        "signMethod": "CMS_SIGN_ONLY",
        "version": 1,
        "documentsToSign": [
            {
                "id": 1,
                "nameRu": "Акт № 17",
                "nameKz": "№ 17 акт",
                "nameEn": "Act No. 17",
                "meta": [{"name": "№", "value": "0"}],
                "document": {
                    "file": {
                        "mime": "application/json",
                        "data": base64.b64encode(command()).decode(),
                    }
                },
            }
        ],
    }


async def test_the_qr_and_the_links_lead_to_one_address(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    package = await offered(http, offer())
    text = package["qr_text"]
    entry = text.removeprefix("mobileSign:")
    assert re.fullmatch(r"http://[^\s]+/api/v1/egov-qr/phone/[A-Za-z0-9_-]{43}/mgovSign", entry)
    assert package["qr_svg"].startswith("<svg")
    assert package["links"]["direct"] == text
    for app, path, ours in (
        ("egov_mobile", "/mobileSign/", "kz.egov.mobile"),
        ("egov_business", "/businessSign/", "kz.mobile.mgov.business"),
    ):
        parts = urlsplit(package["links"][app])
        query = parse_qs(parts.query)
        assert (parts.hostname, parts.path) == ("m.egov.kz", path)
        assert (query["link"], query["ibi"]) == ([entry], [ours])
        assert "page.link" not in package["links"][app]
        assert (await my_phone.scan(package["links"][app]))["document"]["auth_type"] == "Token"


async def test_xml_and_mixed_packages(
    http: httpx.AsyncClient, my_phone: EgovMobile, resources: Resources
) -> None:
    package = await offered(http, offer("XML", XML))
    assert await my_phone.sign_all(package["qr_text"]) == "success"
    [document] = (await signed(http, package))["documents"]
    assert document["request"] is None
    policy = Policy(
        trust=TrustStore.load(resources.config.trust), at=MONDAY_MORNING, revocation_required=False
    )
    found = verify_document(policy, document["xml"].encode())
    assert (found.valid, found.signers[0].bin) == (True, CLINIC)
    body = offer("MIX_SIGN", XML.replace(b"17", b"18"), command(), b"%PDF-1.7 x")
    for one, method in zip(
        body["documents"], ["XML", "CMS_SIGN_ONLY", "CMS_WITH_DATA"], strict=True
    ):
        one["sign_method"] = method
    package = await offered(http, body)
    assert await my_phone.sign_all(package["qr_text"]) == "success"
    xml, detached, attached = (await signed(http, package))["documents"]
    assert "<ds:Signature" in xml["xml"]
    assert detached["request"]["signature"]
    assert attached["request"]["signature"] is None


async def test_signing_in_by_qr(client: Any, phone: Phone, head: KeyPair) -> None:
    async with client() as guest:
        answer = await guest.post("/api/v1/egov-qr/logins")
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        package = answer.json()
        url = f"{PACKAGES}/{package['package_id']}"
        assert (await guest.get(url)).status_code == 404
        bearer = {"authorization": f"Bearer {package['watch_token']}"}
        assert (await guest.get(f"{url}/signed", headers=bearer)).status_code == 409
        assert await phone(head).sign_all(package["qr_text"]) == "success"
        found = (await guest.get(f"{url}/signed", headers=bearer)).json()
        body = {"challenge_id": found["challenge_id"], "signature": found["signature"]}
        opened = await guest.post("/api/v1/login/sessions", json=body)
        assert opened.json()["roles"] == ["executor_head"]
        again = await guest.post("/api/v1/login/sessions", json=body)
        assert again.json()["code"] == "CHALLENGE_INVALID"


async def test_the_waiting_page_is_told_each_state(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    package = await offered(http, offer())
    url = f"{PACKAGES}/{package['package_id']}"
    stream = asyncio.create_task(http.get(f"{url}/events"))
    poll = asyncio.create_task(http.get(url, params={"after": "PENDING", "wait_s": 20}))
    while not await waiting(my_phone, package):
        await asyncio.sleep(0.01)
    assert await my_phone.sign_all(package["qr_text"]) == "success"
    assert (await poll).json()["status"] in ("OPENED", "SIGNED")
    answer = await stream
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [
        json.loads(line.removeprefix("data: "))["status"]
        for line in answer.text.splitlines()
        if line.startswith("data: ")
    ]
    assert told in (["PENDING", "OPENED", "SIGNED"], ["PENDING", "SIGNED"])
    assert "event: status" in answer.text


async def waiting(_: EgovMobile, package: dict[str, Any]) -> bool:
    """Do both pages wait already?"""
    from backend.signing.egov_qr import watch

    wanted = service.UUID(package["package_id"])
    return any(len(hub.waiting.get(wanted, ())) == 2 for hub in watch._hubs.values())


async def test_another_process_is_heard_as_well(
    http: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    package = await offered(http, offer())
    url = f"{PACKAGES}/{package['package_id']}"
    poll = asyncio.create_task(http.get(url, params={"after": "PENDING", "wait_s": 20}))
    await owner.execute("UPDATE signing.egov_qr_package SET status = 'OPENED'")
    assert (await poll).json()["status"] == "OPENED"


async def test_an_offer_taken_back_is_signed_by_nobody(
    http: httpx.AsyncClient, my_phone: EgovMobile
) -> None:
    package = await offered(http, offer())
    introduction = await my_phone.scan(package["qr_text"])
    answer = my_phone.sign(await my_phone.fetch(introduction))
    url = f"{PACKAGES}/{package['package_id']}"
    assert (await http.delete(url)).json()["status"] == "REFUSED"
    with pytest.raises(Refused) as refused:
        await my_phone.send(introduction, answer)
    assert refused.value.status == 403
    assert (await http.delete(url)).status_code == 409
    assert (await http.get(f"{url}/signed")).json()["code"] == "SIGN_PACKAGE_NOT_SIGNED"


async def test_time_is_over_for_the_app_the_page_and_the_sweep(
    http: httpx.AsyncClient,
    my_phone: EgovMobile,
    clock: FixedClock,
    resources: Resources,
    owner: asyncpg.Connection,
) -> None:
    package = await offered(http, offer())
    introduction = await my_phone.scan(package["qr_text"])
    answer = my_phone.sign(await my_phone.fetch(introduction))
    clock.set(MONDAY_MORNING + timedelta(minutes=10))
    for asked in (
        my_phone.scan(package["qr_text"]),
        my_phone.fetch(introduction),
        my_phone.send(introduction, answer),
    ):
        with pytest.raises(Refused, match="өтіп кетті"):
            await asked
    assert await state(http, package) == "EXPIRED"
    await service.sweep(resources)
    assert await owner.fetchval("SELECT status FROM signing.egov_qr_package") == "EXPIRED"
    clock.advance(timedelta(days=1, seconds=1))
    await service.sweep(resources)
    assert await owner.fetchval("SELECT count(*) FROM signing.egov_qr_document") == 0


async def test_no_secret_of_a_package_is_stored(
    http: httpx.AsyncClient, my_phone: EgovMobile, owner: asyncpg.Connection
) -> None:
    package = await offered(http, offer())
    introduction = await my_phone.scan(package["qr_text"])
    assert await my_phone.sign_all(package["qr_text"]) == "success"
    link = package["qr_text"].split("/")[-2]
    for table in ("egov_qr_package", "egov_qr_document", "egov_qr_signature", "egov_qr_seen"):
        for row in await owner.fetch(f"SELECT t::text AS row FROM signing.{table} t"):
            assert link not in row["row"]
            assert introduction["document"]["auth_token"] not in row["row"]
            assert IIN not in row["row"]


async def test_a_key_for_authentication_alone_opens_documents_and_signs_none(
    http: httpx.AsyncClient, phone: Phone, head: KeyPair, nca: Centre
) -> None:
    from backend.signing.certificate import profile as roles
    from infra.sandbox.nca import holders, profile

    subject = profile.name(*holders.person(IIN, "СЕРІКОВ АЙДОС"), *holders.company(CLINIC, "ТОО"))
    auth = nca.issue(
        subject,
        [roles.CLIENT_AUTH, profile.LEGAL_ENTITY, profile.LEGAL_ROLES["head"]],
        MONDAY_MORNING,
        "rsa-sha256",
        usage=profile.AUTHENTICATION_USAGE,
    )
    package = await offered(http, offer(auth_type="Eds"))
    assert await phone(head, auth_pair=auth).sign_all(package["qr_text"]) == "success"
    package = await offered(http, offer("CMS_SIGN_ONLY", command(2), auth_type="Eds"))
    with pytest.raises(Refused) as refused:
        await phone(auth).sign_all(package["qr_text"])
    assert refused.value.status == 403


@pytest.mark.parametrize("role", ["signatory", "finance"])
async def test_the_offer_names_the_roles_that_may_sign(
    http: httpx.AsyncClient, phone: Phone, issue: Issue, role: str
) -> None:
    for roles, may in ((["head"], False), (["head", role], True)):
        package = await offered(http, offer(roles=roles))
        signing = phone(issue(CLINIC, role)).sign_all(package["qr_text"])
        if may:
            assert await signing == "success"
        else:
            with pytest.raises(Refused):
                await signing
