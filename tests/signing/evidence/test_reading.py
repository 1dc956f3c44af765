"""Proofs read whole or refused (FAULTS 18), verified again offline, years later (FAULTS 21)."""

import base64
import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.config import Config, RevocationMode
from backend.kernel.resources import Resources
from backend.signing.errors import EvidenceBroken, EvidenceNotFound, RevocationUnknown
from backend.signing.evidence import reading, service
from backend.signing.evidence.model import Proof, SignedRequest, Standing
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign
from tests.conftest import ISSUER_BIN, MONDAY_MORNING
from tests.signing import centre_online
from tests.signing.centre_online import ROOT, Nca, Revoke, hasty, refreshed
from tests.signing.login.conftest import CLINIC, OTHER_CLINIC, Issue

anchors, issue, login_config, nca, online, resources, revoke_stamper = (
    centre_online.anchors, centre_online.issue, centre_online.login_config,
    centre_online.nca, centre_online.online, centre_online.resources, centre_online.revoke_stamper,
)  # fmt: skip
online_config = centre_online.config
YEARS = timedelta(days=3 * 365)
Owner = "asyncpg.Connection[asyncpg.Record]"


class Promise(msgspec.Struct, frozen=True, tag="test.promise", tag_field="operation"):
    text: str


@pytest.fixture
def config(online_config: Config) -> Config:
    return msgspec.structs.replace(online_config, tsp_url=f"{ROOT}/tsp")


@pytest.fixture
def key(issue: Issue) -> KeyPair:
    return issue(CLINIC, "head")


def actor(bin_: str = CLINIC, role: Role = Role.EXECUTOR_HEAD) -> Actor:
    return Actor(session_id=uuid4(), roles=frozenset({role}), bin=bin_)


async def keep(resources: Resources, cms: bytes, document: bytes) -> UUID:
    """Accept a signed document and store its proof as another wing does."""
    request = SignedRequest(
        document=base64.b64encode(document).decode(), signature=base64.b64encode(cms).decode()
    )
    signed = await service.accept(resources, actor(), request, Promise)
    async with resources.db.payments.transaction() as tx:
        return await service.store(tx, signed)


async def kept(resources: Resources, key: KeyPair, text: str = "сөз") -> UUID:
    document = msgspec.json.encode(Promise(text))
    return await keep(resources, key.sign_cms(document, at=MONDAY_MORNING), document)


def years_later(resources: Resources, online: Nca) -> None:
    """The certificate has expired, and nobody answers any more."""
    online.pass_time(YEARS)
    online.away = True


async def test_with_a_stamp_it_is_valid_years_later(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    evidence_id = await kept(resources, key)
    years_later(resources, online)
    asked = online.asked.total()
    found = await reading.reverify(resources, evidence_id)
    assert (found.standing, found.code, found.timestamped) == (Standing.VALID, "OK", True)
    assert found.reference_at == MONDAY_MORNING
    assert (found.revocation, found.revocation_source) == ("good", "ocsp")
    assert found.sealed
    assert found.anchors_trusted_now
    assert online.asked.total() == asked  # nobody was asked


@pytest.mark.parametrize("mood", ["error", "slow", "try_later", "garbage"])
async def test_without_a_stamp_it_says_so(
    resources: Resources, online: Nca, key: KeyPair, mood: str
) -> None:
    await kept(resources, key, "before")  # the responder's answer serves for minutes
    online.moods(tsp=mood)
    asker = hasty(resources) if mood == "slow" else resources
    evidence_id = await kept(asker, key)  # a missing stamp stops no command
    seen = await reading.view(resources, actor(), evidence_id)
    assert not seen.timestamped
    assert seen.stamping not in ("OK", "OFF", "INSIDE")
    years_later(resources, online)
    found = await reading.reverify(resources, evidence_id)
    assert (found.standing, found.code) == (Standing.UNSTAMPED, "OK")
    assert not found.timestamped
    assert found.reference_at == MONDAY_MORNING


async def test_a_stamp_inside_the_signature_is_the_reference_time(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    online.pass_time(timedelta(minutes=30))
    stamped_at = MONDAY_MORNING + timedelta(minutes=10)
    document = msgspec.json.encode(Promise("x"))
    cms = co_sign(document, [key], at=MONDAY_MORNING, stamp=nca.stamper(stamped_at))
    evidence_id = await keep(resources, cms, document)
    assert not online.asked["tsp"]
    years_later(resources, online)
    found = await reading.reverify(resources, evidence_id)
    assert (found.standing, found.reference_at) == (Standing.VALID, stamped_at)
    assert (await reading.view(resources, actor(), evidence_id)).stamping == "INSIDE"


async def test_the_stamping_authority_s_standing_is_kept(
    resources: Resources, online: Nca, key: KeyPair, owner: Any, revoke_stamper: Revoke
) -> None:
    """Asked once, frozen beside the signer's; revoked later for its age, it does not take the proof away."""
    evidence_id = await kept(resources, key)
    found = await reading.read(resources, evidence_id)
    assert found.manifest is not None
    why = found.manifest.stamp_revocation
    assert why is not None
    assert (why.status, why.source, why.asked[-1]) == ("good", "ocsp", ("ocsp", "good"))
    assert await owner.fetchval("SELECT count(*) FROM signing.frozen WHERE kind = 'ocsp'") == 2
    revoke_stamper(MONDAY_MORNING + timedelta(hours=1), 4)
    years_later(resources, online)
    assert (await reading.reverify(resources, evidence_id)).standing is Standing.VALID


async def test_a_stamp_inside_whose_authority_is_revoked_does_not_count(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair, revoke_stamper: Revoke
) -> None:
    document = msgspec.json.encode(Promise("x"))
    cms = co_sign(document, [key], at=MONDAY_MORNING, stamp=nca.stamper(MONDAY_MORNING))
    revoke_stamper(MONDAY_MORNING, 1)
    evidence_id = await keep(resources, cms, document)
    assert (await reading.view(resources, actor(), evidence_id)).stamping == "AUTHORITY_REVOKED"
    years_later(resources, online)
    found = await reading.reverify(resources, evidence_id)
    assert (found.standing, found.timestamped) == (Standing.UNSTAMPED, False)


async def test_a_stamp_inside_nobody_can_decide_on_neither_helps_nor_harms(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    """Unknown is its own answer: it takes nothing from a good signature, and saves no expired one."""
    gost_lists = msgspec.structs.replace(
        resources.config, revocation=RevocationMode.CRL, crl_url=f"{ROOT}/crl/gost.crl", tsp_url=""
    )
    by_lists = msgspec.structs.replace(resources, config=gost_lists)
    await refreshed(by_lists)
    document = msgspec.json.encode(Promise("x"))
    of_rsa = nca.stamper(MONDAY_MORNING, "rsa-sha256")
    cms = co_sign(document, [key], at=MONDAY_MORNING, stamp=of_rsa)
    evidence_id = await keep(by_lists, cms, document)
    seen = await reading.view(by_lists, actor(), evidence_id)
    assert (seen.timestamped, seen.stamping) == (False, "OFF")
    assert (await reading.reverify(by_lists, evidence_id)).standing is Standing.UNSTAMPED
    online.pass_time(YEARS)  # the certificate is expired: now all would hang on the stamp
    other = msgspec.json.encode(Promise("y"))
    late = co_sign(other, [key], at=MONDAY_MORNING, stamp=of_rsa)
    await refreshed(by_lists)
    with pytest.raises(RevocationUnknown) as refused:
        await keep(by_lists, late, other)
    assert refused.value.retry_after_s


async def test_a_key_revoked_later_keeps_what_it_signed_before(
    resources: Resources, online: Nca, nca: Centre, key: KeyPair
) -> None:
    evidence_id = await kept(resources, key)
    nca.revoke(key, MONDAY_MORNING + timedelta(hours=1))
    years_later(resources, online)
    assert (await reading.reverify(resources, evidence_id)).standing is Standing.VALID


async def test_lists_that_decided_are_kept_once(
    resources: Resources, online: Nca, key: KeyPair, owner: Any
) -> None:
    config = msgspec.structs.replace(resources.config, revocation=RevocationMode.CRL)
    by_lists = msgspec.structs.replace(resources, config=config)
    await refreshed(by_lists)
    ids = [await kept(by_lists, key, text) for text in "абв"]
    assert await owner.fetchval("SELECT count(*) FROM signing.frozen WHERE kind = 'crl'") == 2
    base, delta = (await reading.view(by_lists, actor(), ids[0])).revocation.lists
    assert (base.base_number, delta.base_number) == (None, 1)
    assert base.this_update == delta.this_update == MONDAY_MORNING
    await owner.execute("DELETE FROM signing.crl")
    years_later(resources, online)
    found = await reading.reverify(by_lists, ids[2])
    assert (found.standing, found.revocation_source) == (Standing.VALID, "crl")


async def test_an_answer_used_to_its_last_minute_still_proves(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    await kept(resources, key, "first")
    online.pass_time(timedelta(minutes=3, seconds=59))
    evidence_id = await kept(resources, key, "second")
    assert online.asked["ocsp"] == 2  # about the signer once, about the stamping authority once
    years_later(resources, online)
    assert (await reading.reverify(resources, evidence_id)).standing is Standing.VALID


async def test_a_trust_that_is_gone_is_told(
    resources: Resources, online: Nca, key: KeyPair
) -> None:
    evidence_id = await kept(resources, key)
    years_later(resources, online)
    for trust in ("prod", "/nowhere"):
        config = msgspec.structs.replace(resources.config, trust=trust)
        elsewhere = msgspec.structs.replace(resources, config=config)
        found = await reading.reverify(elsewhere, evidence_id)
        assert (found.standing, found.anchors_trusted_now) == (Standing.VALID, False)


CHANGES = {
    "document": "UPDATE signing.evidence SET document = overlay(document placing 'X' from 3)",
    "document and its hash": """
        UPDATE signing.evidence SET document = overlay(document placing 'X' from 3),
               document_sha256 = sha256(overlay(document placing 'X' from 3))""",
    "signature": "UPDATE signing.evidence SET signature = overlay(signature placing 'X' from 99)",
    "operation": "UPDATE signing.evidence SET operation = 'act.submit'",
    "organisation": "UPDATE signing.evidence SET signer_bin = '110340000021'",
    "person": "UPDATE signing.evidence SET signer = sha256('other')",
    "roles": "UPDATE signing.evidence SET signer_roles = '{head,finance}'",
    "verdict": """UPDATE signing.evidence SET result = result || '{"code": "REVOKED"}'""",
    "instant": "UPDATE signing.evidence SET verified_at = verified_at + interval '1 microsecond'",
    "manifest": """UPDATE signing.evidence
        SET manifest = convert_to(replace(convert_from(manifest, 'UTF8'), '"good"', '"best"'), 'UTF8')""",
    "manifest cut": "UPDATE signing.evidence SET manifest = substr(manifest, 1, 50)",
    "seal": "UPDATE signing.evidence SET seal = overlay(seal placing 'X' from 20)",
    "anchor": "UPDATE signing.frozen SET octets = octets || ' ' WHERE kind = 'anchor'",
    "answer": "UPDATE signing.frozen SET octets = overlay(octets placing 'X' from 90) WHERE kind = 'ocsp'",
    "stamp": "UPDATE signing.frozen SET octets = overlay(octets placing 'X' from 90) WHERE kind = 'time_stamp'",
    "stamp gone": "DELETE FROM signing.frozen WHERE kind = 'time_stamp'",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_any_changed_byte_is_found_at_the_next_read(
    resources: Resources, key: KeyPair, owner: Any, change: str
) -> None:
    evidence_id = await kept(resources, key)
    await reading.read(resources, evidence_id)
    await as_attacker(owner, CHANGES[change])
    for read in (reading.read, reading.reverify):
        with pytest.raises(EvidenceBroken) as refused:
            await read(resources, evidence_id)
        assert refused.value.facts["part"]
    with pytest.raises((EvidenceBroken, EvidenceNotFound)):
        await reading.view(resources, actor(), evidence_id)
    told = await owner.fetch("SELECT payload FROM kernel.event WHERE kind = 'EvidenceFoundBroken'")
    assert len(told) == 1


async def test_one_byte_anywhere_is_found(resources: Resources, key: KeyPair, owner: Any) -> None:
    """Every stored column of octets, twenty places of each, drawn at random."""
    evidence_id = await kept(resources, key)
    await as_attacker(owner, "SELECT 1")
    chance, found = random.Random(20260302), 0
    columns = [
        ("evidence", name, "evidence_id")
        for name in ("document", "signature", "signer", "manifest", "seal")
    ]
    rows = [
        (t, c, i, await owner.fetch(f"SELECT {i}, {c} FROM signing.{t}")) for t, c, i in columns
    ]
    rows.append(
        (
            "frozen",
            "octets",
            "sha256",
            await owner.fetch("SELECT sha256, octets FROM signing.frozen"),
        )
    )
    for table, column, identity, stored in rows:
        update = f"UPDATE signing.{table} SET {column} = $2 WHERE {identity} = $1"
        for row in stored:
            for _ in range(20):
                changed = bytearray(row[1])
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
                await owner.execute(update, row[0], bytes(changed))
                with pytest.raises(EvidenceBroken):
                    await reading.read(resources, evidence_id)
                found += 1
            await owner.execute(update, row[0], row[1])
    assert found == 20 * (len(columns) + len(rows[-1][3]))
    assert await reading.read(resources, evidence_id)  # put back, it is whole


async def as_attacker(owner: Any, statement: str) -> None:
    """Change what is stored as the owner of the database can: without its triggers and checks."""
    for table, *constraints in (
        ("evidence", "evidence_document_sha256_check", "evidence_check"),
        ("frozen", "frozen_check"),
    ):
        await owner.execute(f"ALTER TABLE signing.{table} DISABLE TRIGGER USER")
        for name in constraints:
            await owner.execute(f"ALTER TABLE signing.{table} DROP CONSTRAINT IF EXISTS {name}")
    await owner.execute(statement)


async def test_another_wing_s_read_finds_it_too(
    resources: Resources, key: KeyPair, owner: Any
) -> None:
    evidence_id = await kept(resources, key)
    assert await service.find(resources.db.signing, evidence_id) is not None
    await as_attacker(owner, CHANGES["signature"])
    with pytest.raises(EvidenceBroken):
        await service.find(resources.db.signing, evidence_id)


async def test_what_is_frozen_is_never_changed(
    resources: Resources, key: KeyPair, owner: Any
) -> None:
    await kept(resources, key)
    for statement in ("DELETE FROM signing.frozen", "UPDATE signing.frozen SET octets = 'x'"):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await owner.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await resources.db.signing.pool.execute(statement)


async def test_a_proof_of_before_there_were_manifests(
    resources: Resources, key: KeyPair, online: Nca
) -> None:
    document = msgspec.json.encode(Promise("x"))
    proof = Proof(
        operation="test.promise", document=document,
        signature=key.sign_cms(document, at=MONDAY_MORNING), signer=None, signer_bin=CLINIC,
        signer_roles=("head",), certificate_serial="1", algorithm="gost2015-512", result={},
        verified_at=MONDAY_MORNING,
    )  # fmt: skip
    async with resources.db.payments.transaction() as tx:
        evidence_id = await service.store(tx, proof)
    years_later(resources, online)
    found = await reading.reverify(resources, evidence_id)
    assert (found.standing, found.sealed) == (Standing.REVOCATION_NOT_KEPT, False)


async def test_a_proof_that_is_whole_and_does_not_hold_is_an_alarm(
    resources: Resources, owner: Any
) -> None:
    proof = Proof(
        operation="test.promise", document=b"{}", signature=b"no signature", signer=None,
        signer_bin=CLINIC, signer_roles=("head",), certificate_serial="1", algorithm="x",
        result={}, verified_at=MONDAY_MORNING,
    )  # fmt: skip
    async with resources.db.payments.transaction() as tx:
        evidence_id = await service.store(tx, proof)
    for _ in range(2):
        found = await reading.reverify(resources, evidence_id)
        assert (found.standing, found.code) == (Standing.INVALID, "MALFORMED")
    assert await owner.fetchval("SELECT count(*) FROM kernel.event") == 1


async def test_over_http_for_those_it_concerns(
    client: Any, resources: Resources, key: KeyPair, online: Nca
) -> None:
    evidence_id = await kept(resources, key)
    path = f"/api/v1/evidence/{evidence_id}"
    for role, bin_, status in (
        (Role.EXECUTOR_HEAD, CLINIC, 200),
        (Role.EXECUTOR_ACCOUNTANT, CLINIC, 200),
        (Role.ISSUER_REVIEWER, ISSUER_BIN, 200),
        (Role.REGISTRAR, "050140000010", 200),
        (Role.EXECUTOR_HEAD, OTHER_CLINIC, 404),
        (Role.MOH, OTHER_CLINIC, 404),
        (Role.MIS, CLINIC, 403),
    ):
        async with client(role, bin=bin_) as http:
            assert (await http.get(path)).status_code == status
            assert (await http.get(f"{path}/verification")).status_code == status
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC) as http:
        seen = (await http.get(path)).json()
        verified = (await http.get(f"{path}/verification")).json()
        unknown = await http.get(f"/api/v1/evidence/{uuid4()}")
    assert seen["timestamped"] is True
    assert seen["revocation"]["source"] == "ocsp"
    assert verified["standing"] == "VALID"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "EVIDENCE_NOT_FOUND")
