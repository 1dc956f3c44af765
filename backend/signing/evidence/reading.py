"""Reading proofs: whole, or not at all; and verifying them again from what is stored, offline.

Whoever can write to the database can change a row and its hashes. He cannot renew the seal, whose key
is not there, nor the signatures, lists, answers and time stamps, which are others'.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from prometheus_client import Counter

from backend.kernel import events, logs
from backend.kernel.actor import ISSUER, SYSTEM, Actor, Role
from backend.kernel.resources import Resources
from backend.kernel.sealing import SealBroken
from backend.signing.certificate.x509 import Certificate
from backend.signing.errors import EvidenceBroken, EvidenceNotFound
from backend.signing.evidence import queries
from backend.signing.evidence.events import EvidenceFoundBroken
from backend.signing.evidence.model import (
    EvidenceView,
    Frozen,
    Manifest,
    Reverification,
    RevocationKept,
    Standing,
    StoredProof,
)
from backend.signing.model import Code, Revocation, SignerInfo, Verification
from backend.signing.revocation import authority
from backend.signing.revocation.files import RevocationFiles
from backend.signing.revocation.ocsp import FRESH_FOR
from backend.signing.trust.path import Issuer
from backend.signing.trust.store import TrustAnchor, TrustStore
from backend.signing.verify import timestamp
from backend.signing.verify.document import verify_cms_under, verify_xml_under
from backend.signing.verify.judge import Policy

BROKEN = Counter("saqtau_evidence_broken", "Reads of stored proofs that were not what was stored")
SEES_ALL = ISSUER | {Role.REGISTRAR}
_XML = ("xmldsig", "wsse")

log = logs.get("signing.evidence")


class Read(msgspec.Struct, frozen=True):
    """A stored proof with everything it rests on, each octet as it was stored."""

    row: StoredProof
    manifest: Manifest | None
    frozen: Mapping[str, Frozen]

    def all_of(self, *digests: str) -> list[bytes]:
        """The octets of these hashes."""
        return [self.frozen[one].octets for one in digests]


async def view(resources: Resources, actor: Actor, evidence_id: UUID) -> EvidenceView:
    """What a party is told of a proof. Raises EvidenceNotFound, EvidenceBroken."""
    found = await read(resources, evidence_id, actor, octets=False)
    row, manifest = found.row, found.manifest
    return EvidenceView(
        evidence_id=row.evidence_id,
        operation=row.operation,
        document_sha256=row.document_sha256.hex(),
        signature_sha256=hashlib.sha256(row.signature).hexdigest(),
        signer_bin=row.signer_bin,
        signer_roles=row.signer_roles,
        certificate_serial=row.certificate_serial,
        algorithm=row.algorithm,
        verified_at=row.verified_at,
        reference_at=manifest.reference_at if manifest else row.verified_at,
        timestamped=manifest is not None and manifest.timestamped,
        stamping=manifest.stamping if manifest else "OFF",
        revocation=manifest.revocation if manifest else RevocationKept(),
    )


async def read(
    resources: Resources, evidence_id: UUID, actor: Actor | None = None, *, octets: bool = True
) -> Read:
    """A proof, every stored octet of it compared with what was stored (FAULTS 18).

    Without `octets` what is frozen is compared by the database and stays there: lists are large. With an `actor`, only a proof of his own organisation, or any for issuer and registrar. Raises
    EvidenceNotFound; EvidenceBroken, which is logged, counted and recorded as an event.
    """
    row = await queries.FIND.one(resources.db.signing, evidence_id)
    if row is None or (actor is not None and not _may_see(actor, row)):
        raise EvidenceNotFound
    try:
        require_whole(row)
        _require_sealed(resources, row)
        manifest = manifest_of(row)
        return Read(row, manifest, await _frozen(resources, manifest, octets=octets))
    except EvidenceBroken as e:
        await raise_alarm(resources, evidence_id, str(e.facts["part"]))
        raise


def _may_see(actor: Actor, row: StoredProof) -> bool:
    if actor.roles & SEES_ALL:
        return True
    if row.signer_bin is not None:
        return actor.bin == row.signer_bin
    return actor.signer is not None and actor.signer == row.signer


def require_whole(row: StoredProof) -> None:
    """Raise EvidenceBroken when document, signature or manifest are not the ones that were hashed."""
    if hashlib.sha256(row.document).digest() != row.document_sha256:
        raise broken("document")
    manifest = manifest_of(row)
    if manifest is None:
        return
    if manifest.document_sha256 != row.document_sha256.hex():
        raise broken("document")
    if manifest.signature_sha256 != hashlib.sha256(row.signature).hexdigest():
        raise broken("signature")


def broken(part: str) -> EvidenceBroken:
    """The refusal, counted and logged; where there are resources, `raise_alarm` records it too."""
    BROKEN.inc()
    log.error("stored evidence is not what was stored", part=part)
    return EvidenceBroken(part=part)


def manifest_of(row: StoredProof) -> Manifest | None:
    """The manifest of a row; None for a proof from before there were any. Raises EvidenceBroken."""
    if row.manifest is None:
        return None
    try:
        return msgspec.json.decode(row.manifest, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise broken("manifest") from None


def _require_sealed(resources: Resources, row: StoredProof) -> None:
    if row.seal is None:
        return
    try:
        resources.keyring.open(row.seal, row.proof().sealed_text())
    except SealBroken:
        raise broken("seal") from None


async def _frozen(
    resources: Resources, manifest: Manifest | None, *, octets: bool
) -> dict[str, Frozen]:
    wanted = manifest.frozen() if manifest is not None else ()
    statement = queries.FROZEN if octets else queries.FROZEN_HASHES
    rows = await statement.all(resources.db.signing, [bytes.fromhex(one) for one in wanted])
    found = {row.sha256.hex(): row for row in rows}
    for digest in wanted:
        row = found.get(digest)
        if row is None:
            raise broken("frozen")
        # without the octets, their hash as the database takes it stands for them
        actual = hashlib.sha256(row.octets).digest() if octets else row.octets
        if actual != row.sha256:
            raise broken(row.kind)
    return found


async def raise_alarm(resources: Resources, evidence_id: UUID, part: str) -> None:
    """Record, once for each proof, that it was found broken."""
    async with resources.db.signing.transaction() as tx:
        if not await queries.IS_TOLD.get(tx, evidence_id):
            told = EvidenceFoundBroken(subject=evidence_id, part=part)
            await events.append(tx, told, by=SYSTEM, at=resources.clock.now())


async def reverify(
    resources: Resources, evidence_id: UUID, actor: Actor | None = None
) -> Reverification:
    """Verify a proof again from what is stored alone: no network, no list of today, any year.

    Raises EvidenceNotFound, EvidenceBroken. A proof that is whole and yet does not hold is INVALID,
    and an alarm too.
    """
    found = await read(resources, evidence_id, actor)
    now = resources.clock.now()
    answer = await asyncio.to_thread(_reverified, found, resources.config.trust, now)
    if answer.standing is Standing.INVALID:
        BROKEN.inc()
        log.error("stored evidence does not hold", code=answer.code)
        await raise_alarm(resources, evidence_id, answer.code)
    return answer


def _reverified(found: Read, trust: str, now: datetime) -> Reverification:
    row, manifest = found.row, found.manifest
    anchors = _anchors(found)
    store = TrustStore("frozen", anchors) if manifest is not None else _store(trust)
    at, code = row.verified_at, Code.OK
    if manifest is not None and manifest.stamp is not None:
        at, code = _stamped_at(found, manifest, store)
    policy = Policy(
        trust=store,
        at=at,
        revocation=_kept_source(found),
        revocation_required=_is_decided(manifest),
        stamps=manifest is None or manifest.stamping == "INSIDE",
    )
    verified = _verify(policy, row, manifest)
    code = verified.code if code is Code.OK else code
    signer = (
        verified.signers[0] if len(verified.signers) == 1 else SignerInfo(valid=False, code=code)
    )
    if code is Code.OK and verified.content != row.document:
        code = Code.DIGEST_MISMATCH
    inside = signer.signed_at if signer.timestamped else None
    stamped = inside is not None or (manifest is not None and manifest.stamp is not None)
    return Reverification(
        evidence_id=row.evidence_id,
        operation=row.operation,
        standing=_standing(code, stamped, decided=_is_decided(manifest)),
        code=code.value,
        document_sha256=row.document_sha256.hex(),
        reference_at=inside or at,
        timestamped=stamped,
        revocation=signer.revocation.status,
        revocation_source=signer.revocation.source,
        sealed=row.seal is not None,
        anchors_trusted_now=all(a.sha256 in _store(trust).by_sha256 for a in anchors),
        checked_at=now,
    )


def _standing(code: Code, stamped: bool, *, decided: bool) -> Standing:
    if code is not Code.OK:
        return Standing.INVALID
    if not decided:
        return Standing.REVOCATION_NOT_KEPT
    return Standing.VALID if stamped else Standing.UNSTAMPED


def _is_decided(manifest: Manifest | None) -> bool:
    return manifest is not None and manifest.revocation.status == "good"


def _anchors(found: Read) -> list[TrustAnchor]:
    if found.manifest is None:
        return []
    return [
        msgspec.json.decode(one, type=TrustAnchor) for one in found.all_of(*found.manifest.anchors)
    ]


def _store(trust: str) -> TrustStore:
    """What is trusted now; nothing where that cannot be read any more."""
    try:
        return TrustStore.load(trust)
    except (OSError, ValueError):
        return TrustStore("none", [])


def _stamped_at(found: Read, manifest: Manifest, store: TrustStore) -> tuple[datetime, Code]:
    """The time the frozen stamp proves for this very signature; a code when it proves none."""
    assert manifest.stamp is not None, "asked only where a stamp is frozen"
    (token,) = found.all_of(manifest.stamp)
    unjudged = Policy(
        trust=store, at=found.row.verified_at, revocation_required=False, stamps=False
    )
    signers = _verify(unjudged, found.row, manifest).signers
    stamped = None
    if len(signers) == 1:
        stamped = timestamp.read(token, signers[0].signature, (), store)
    if stamped is None or stamped.at != manifest.reference_at:
        return found.row.verified_at, Code.BAD_SIGNATURE
    kept = _kept_source(found)
    if manifest.stamp_revocation is not None and kept is not None:
        known = kept.status(stamped.authority, stamped.path.issuer, stamped.at)
        if authority.standing(known) != "good":
            return found.row.verified_at, Code.REVOCATION_UNKNOWN
    return stamped.at, Code.OK


def _verify(policy: Policy, row: StoredProof, manifest: Manifest | None) -> Verification:
    if manifest is not None and manifest.format in _XML:
        return verify_xml_under(policy, row.signature)
    return verify_cms_under(policy, row.signature, row.document)


def _kept_source(found: Read) -> "_KeptSource | None":
    return _KeptSource(found, found.row.verified_at) if found.manifest is not None else None


class _KeptSource:
    """The frozen lists and answers, about the signer and about the stamping authority.

    They were fresh when the status was decided. An answer is fresh for minutes, and the stamp that was
    asked for after it may come when these are just over: then what it said when it was fresh stands.
    """

    def __init__(self, found: Read, decided_at: datetime) -> None:
        assert found.manifest is not None, "made only where a manifest is"
        self._files = RevocationFiles(
            found.all_of(*found.manifest.lists()), found.all_of(*found.manifest.answers())
        )
        self._decided_at = decided_at

    def status(self, leaf: Certificate, issuer: Issuer, at: datetime) -> Revocation:
        """See RevocationSource."""
        found = self._files.status(leaf, issuer, at)
        if found.status == "unknown" and abs(at - self._decided_at) <= FRESH_FOR:
            return self._files.status(leaf, issuer, self._decided_at - FRESH_FOR)
        return found
