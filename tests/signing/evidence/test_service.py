"""Signed commands: what was verified is what is read, stored and kept for ever."""

import asyncio
import base64
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import (
    DocumentAlreadyUsed,
    DocumentMalformed,
    NotSignerOfOrg,
    SignatureInvalid,
)
from backend.signing.evidence import service
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing.login import conftest as login
from tests.signing.login.conftest import CLINIC, IIN, ISSUER, OTHER_CLINIC, OTHER_IIN, Issue

anchors, config, head, issue, nca = (
    login.anchors, login.config, login.head, login.issue, login.nca,
)  # fmt: skip


class Promise(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="test.promise",
    tag_field="operation",
):  # fmt: skip
    text: str
    amount_tiyn: int = 0


def actor(bin_: str = CLINIC) -> Actor:
    return Actor(session_id=uuid4(), roles=frozenset({Role.EXECUTOR_HEAD}), bin=bin_)


def document_of(**fields: Any) -> bytes:
    return msgspec.json.encode({"operation": "test.promise", "text": "сөз", **fields})


def request(key: KeyPair, document: bytes, *, detached: bool = True) -> SignedRequest:
    cms = base64.b64encode(key.sign_cms(document, detached=detached, at=MONDAY_MORNING)).decode()
    if not detached:
        return SignedRequest(document=cms)
    return SignedRequest(document=base64.b64encode(document).decode(), signature=cms)


async def keep(db: Db, signed: Any) -> Any:
    async with db.transaction() as tx:
        return await service.store(tx, signed)


@pytest.mark.parametrize("detached", [True, False])
async def test_what_was_signed_is_read_and_stored_byte_for_byte(
    resources: Resources, db_payments: Db, head: KeyPair, detached: bool
) -> None:
    odd = b'{ "text":"\xd1\x81\xd3\xa9\xd0\xb7", "operation" : "test.promise","amount_tiyn":7}\n'
    given = request(head, odd, detached=detached)
    accepted = await service.accept(resources, actor(), given, Promise)
    assert accepted.command == Promise(text="сөз", amount_tiyn=7)
    assert accepted.document == odd
    kept = await service.find(resources.db.signing, await keep(db_payments, accepted))
    assert kept is not None
    assert kept.document == odd
    assert kept.signature == base64.b64decode(given.signature or given.document)
    assert (kept.operation, kept.signer_bin) == ("test.promise", CLINIC)
    assert set(kept.signer_roles) >= {"head"}
    assert kept.verified_at == MONDAY_MORNING


async def test_the_stored_verdict_names_no_person(
    resources: Resources, db_payments: Db, head: KeyPair, owner: asyncpg.Connection
) -> None:
    accepted = await service.accept(resources, actor(), request(head, document_of()), Promise)
    await keep(db_payments, accepted)
    verdict = await owner.fetchval("SELECT result::text FROM signing.evidence")
    assert IIN not in verdict
    assert "СЕРІКОВ" not in verdict
    assert '"OK"' in verdict


async def test_a_document_serves_once(
    resources: Resources, db_payments: Db, db_allocation: Db, head: KeyPair, issue: Issue
) -> None:
    same = request(head, document_of())
    accepted = [await service.accept(resources, actor(), same, Promise) for _ in range(2)]
    resigned = request(issue(CLINIC, "signatory"), document_of())
    accepted.append(await service.accept(resources, actor(), resigned, Promise))
    outcomes = await asyncio.gather(
        *(keep(db, one) for db in (db_payments, db_allocation) for one in accepted),
        return_exceptions=True,
    )
    assert sum(isinstance(o, DocumentAlreadyUsed) for o in outcomes) == 5
    other = await service.accept(
        resources, actor(), request(head, document_of(amount_tiyn=1)), Promise
    )
    assert await keep(db_payments, other)


async def test_two_sole_proprietors_may_sign_the_same_words(
    resources: Resources, db_payments: Db, issue: Issue
) -> None:
    for iin in (IIN, OTHER_IIN):
        key = issue(None, "individual", iin)  # type: ignore[call-arg]
        accepted = await service.accept(resources, actor(iin), request(key, document_of()), Promise)
        assert await keep(db_payments, accepted)
        with pytest.raises(DocumentAlreadyUsed):
            await keep(db_payments, accepted)


async def test_the_proof_lives_and_dies_with_the_act(
    resources: Resources, db_payments: Db, head: KeyPair, owner: asyncpg.Connection
) -> None:
    accepted = await service.accept(resources, actor(), request(head, document_of()), Promise)
    with pytest.raises(RuntimeError):
        async with db_payments.transaction() as tx:
            await service.store(tx, accepted)
            raise RuntimeError
    assert await owner.fetchval("SELECT count(*) FROM signing.evidence") == 0
    evidence_id = await keep(db_payments, accepted)
    for statement in (
        "UPDATE signing.evidence SET document = 'x'",
        "DELETE FROM signing.evidence",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await owner.execute(statement)
    assert await service.find(resources.db.signing, evidence_id) is not None


async def test_any_changed_byte_is_refused(resources: Resources, head: KeyPair) -> None:
    document = document_of()
    good = request(head, document)
    for place in range(0, len(document), 5):
        changed = bytearray(document)
        changed[place] ^= 1
        bad = msgspec.structs.replace(good, document=base64.b64encode(bytes(changed)).decode())
        with pytest.raises(SignatureInvalid) as refused:
            await service.accept(resources, actor(), bad, Promise)
        assert refused.value.facts["reason"] == "DIGEST_MISMATCH"
    respelled = msgspec.json.encode(msgspec.json.decode(document) | {"text": "сөз"})
    spaced = document.replace(b":", b": ")
    for other in (spaced, respelled + b" "):
        bad = msgspec.structs.replace(good, document=base64.b64encode(other).decode())
        with pytest.raises(SignatureInvalid):
            await service.accept(resources, actor(), bad, Promise)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"not json", "$"),
        (b"", "$"),
        (b"[]", "$.operation"),
        (document_of(text=1), "$.text"),
        (document_of(amount_tiyn="1"), "$.amount_tiyn"),
        (document_of(amount_tiyn=1.5), "$.amount_tiyn"),
        (document_of(more=1), "$.more"),
        (document_of(operation="other"), "$.operation"),
        (b'{"text": "x"}', "$.operation"),
        (b'{"operation": "test.promise", "text": "a", "text": "b"}', "$..text"),
        (b'{"operation": "test.promise", "text": "\\ud800"}', "$.text"),
        (b'{"operation": "test.promise", "text": "\\u0000"}', "$.text"),
        (b'{"operation": "test.promise", "text": "\xff"}', "$"),
        (b'{"operation": "test.promise", "text": "a", "amount_tiyn": 1e400}', "$"),
        (b"[" * 100_000, "$"),
    ],
)
async def test_a_signed_document_is_read_strictly(
    resources: Resources, head: KeyPair, raw: bytes, path: str
) -> None:
    with pytest.raises(DocumentMalformed) as refused:
        await service.accept(resources, actor(), request(head, raw), Promise)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("bin_", "role", "acting_for", "allowed", "passes"),
    [
        (CLINIC, "head", CLINIC, None, True),
        (CLINIC, "signatory", CLINIC, None, True),
        (CLINIC, "finance", CLINIC, None, False),
        (CLINIC, "employee", CLINIC, None, False),
        (CLINIC, "hr", CLINIC, None, False),
        (CLINIC, "information_system", CLINIC, None, False),
        (CLINIC, "head", OTHER_CLINIC, None, False),
        (CLINIC, "head", ISSUER, None, False),
        (None, "individual", CLINIC, None, False),
        (None, "individual", IIN, None, True),
        (None, "individual", OTHER_IIN, None, False),
        (CLINIC, "finance", CLINIC, CertificateRole.FINANCE, True),
        (CLINIC, "signatory", CLINIC, CertificateRole.HEAD, False),
        (ISSUER, "head", ISSUER, CertificateRole.HEAD, True),
    ],
)
async def test_only_the_right_person_of_the_right_organisation_signs(
    resources: Resources,
    issue: Issue,
    bin_: str | None,
    role: str,
    acting_for: str,
    allowed: CertificateRole | None,
    passes: bool,
) -> None:
    roles = service.ROLES_THAT_SIGN if allowed is None else frozenset({allowed})
    given = request(issue(bin_, role), document_of())
    try:
        await service.accept(resources, actor(acting_for), given, Promise, roles=roles)
    except NotSignerOfOrg:
        accepted = False
    else:
        accepted = True
    assert accepted is passes


async def test_a_citizen_s_session_signs_for_no_organisation(
    resources: Resources, head: KeyPair
) -> None:
    citizen = Actor(session_id=uuid4(), roles=frozenset({Role.INSURED}), person_id=uuid4())
    with pytest.raises(NotSignerOfOrg):
        await service.accept(resources, citizen, request(head, document_of()), Promise)


async def test_a_login_challenge_is_no_command(resources: Resources, head: KeyPair) -> None:
    raw = b'{"operation":"login","challenge_id":"x","nonce":"y","origin":"z"}'
    with pytest.raises(DocumentMalformed):
        await service.accept(resources, actor(), request(head, raw), Promise)


async def test_a_detached_signature_over_bytes_we_hold(
    resources: Resources, db_allocation: Db, head: KeyPair
) -> None:
    content = b"the contract, canonical"
    cms = base64.b64encode(head.sign_cms(content, at=MONDAY_MORNING)).decode()
    proof = await service.accept_detached(
        resources, actor(), cms, content, operation="contract.sign"
    )
    kept = await service.find(resources.db.signing, await keep(db_allocation, proof))
    assert kept is not None
    assert (kept.operation, kept.document) == ("contract.sign", content)
    with pytest.raises(SignatureInvalid):
        await service.accept_detached(
            resources, actor(), cms, content + b" ", operation="contract.sign"
        )
