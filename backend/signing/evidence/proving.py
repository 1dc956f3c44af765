"""From a verified signature to a proof that stands without us: stamped, frozen, sealed.

Everything here happens before the transaction that takes the proof in. What is frozen for a command
that is then refused lies idle and harms nobody.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec

from backend.kernel.resources import Resources
from backend.signing.evidence import queries
from backend.signing.evidence.model import ListKept, Manifest, Proof, RevocationKept
from backend.signing.model import (
    CertPath,
    Grounds,
    Revocation,
    SignerInfo,
    StampUsed,
    Verification,
)
from backend.signing.stamping import service as stamping
from backend.signing.stamping.service import Stamp
from backend.signing.trust.store import TrustStore

_KNOWN_MAX = 20_000
_known: dict[str, OrderedDict[bytes, None]] = {}  # by database: what is frozen there already


class _Frozen:
    """What shall be frozen, by its hash."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[str, bytes]] = {}

    def add(self, kind: str, octets: bytes) -> str:
        digest = hashlib.sha256(octets)
        self.kept[digest.digest()] = (kind, octets)
        return digest.hexdigest()


async def prove(
    resources: Resources,
    operation: str,
    document: bytes,
    signature: bytes,
    signer: SignerInfo,
    verification: Verification,
) -> Proof:
    """The proof that `signer` signed `document`; `signature` is as sent, CMS or XML.

    A time stamp is asked for where the signature brings none, within what asking about revocation
    left of `source_timeout_s`.
    """
    grounds = signer.grounds or Grounds()
    stamp = Stamp("INSIDE", used=signer.stamp)
    if signer.stamp is None:
        left_s = resources.config.source_timeout_s - grounds.took_s
        stamp = await stamping.stamp(resources, signer.signature, signer.algorithm, within_s=left_s)
    now = resources.clock.now()
    frozen = _Frozen()
    manifest = Manifest(
        format=verification.format,
        document_sha256=hashlib.sha256(document).hexdigest(),
        signature_sha256=hashlib.sha256(signature).hexdigest(),
        reference_at=stamp.at or now,
        timestamped=stamp.at is not None,
        stamping=stamp.outcome,
        stamp=frozen.add("time_stamp", stamp.token) if stamp.token is not None else None,
        certificates=_certificates(frozen, signer),
        anchors=_anchors(frozen, (signer.path, stamp.path), resources.config.trust),
        revocation=_revocation(frozen, signer.revocation, grounds),
        stamp_revocation=_stamp_revocation(frozen, stamp.used),
    )
    await _freeze(resources, frozen)
    proof = Proof(
        operation=operation,
        document=document,
        signature=signature,
        signer=resources.keyring.lookup("iin", signer.iin) if signer.iin else None,
        signer_bin=signer.bin,
        signer_roles=tuple(signer.roles),
        certificate_serial=signer.serial or "",
        algorithm=signer.algorithm or "",
        result=_verdict(verification),
        verified_at=now,
        manifest=msgspec.json.encode(manifest),
    )
    seal = resources.keyring.seal(b"", proof.sealed_text())
    return msgspec.structs.replace(proof, seal=seal)


def _certificates(frozen: _Frozen, signer: SignerInfo) -> tuple[str, ...]:
    """The issuers' certificates; the signer's own, which names a person, lies in the signature."""
    between = signer.path.certificates[1:] if signer.path is not None else ()
    return tuple(frozen.add("certificate", one) for one in between)


def _anchors(frozen: _Frozen, paths: Sequence[CertPath | None], trust: str) -> tuple[str, ...]:
    """The anchors the paths ended at, with their keys: the tables of trust will have changed."""
    store = TrustStore.load(trust)
    wanted = dict.fromkeys(one for path in paths if path is not None for one in path.anchors)
    found = [store.by_sha256[one] for one in wanted if one in store.by_sha256]
    return tuple(frozen.add("anchor", msgspec.json.encode(one)) for one in found)


def _stamp_revocation(frozen: _Frozen, used: StampUsed | None) -> RevocationKept | None:
    if used is None or used.grounds is None:
        return None
    return _revocation(frozen, used.revocation, used.grounds)


def _revocation(frozen: _Frozen, found: Revocation, grounds: Grounds) -> RevocationKept:
    for raw in grounds.raw_lists:
        frozen.add("crl", raw)
    return RevocationKept(
        status=found.status,
        source=found.source,
        asked=grounds.asked,
        ocsp=frozen.add("ocsp", grounds.ocsp) if grounds.ocsp is not None else None,
        lists=tuple(
            ListKept(one.sha256, one.issuer_sha256, one.number, one.base_number, one.this_update)
            for one in grounds.lists
        ),
    )


async def _freeze(resources: Resources, frozen: _Frozen) -> None:
    """Keep what is not kept yet; most of it is, for certificates and lists serve many proofs."""
    known = _known.setdefault(resources.config.database_url, OrderedDict())
    db = resources.db.signing
    new = [digest for digest in frozen.kept if digest not in known]
    if new:
        there = set(await queries.IS_FROZEN.all(db, new))
        for digest in new:
            if digest not in there:
                kind, octets = frozen.kept[digest]
                await queries.FREEZE.run(db, digest, kind, octets, resources.clock.now())
    _remember(known, list(frozen.kept))


def _remember(known: OrderedDict[bytes, None], digests: Sequence[bytes]) -> None:
    for digest in digests:
        known[digest] = None
        known.move_to_end(digest)
    while len(known) > _KNOWN_MAX:
        known.popitem(last=False)


def _verdict(verification: Verification) -> dict[str, Any]:
    """The verifier's answer without what names a person: the first of the chain is the signer."""
    unnamed = [
        msgspec.structs.replace(
            one, certificate=b"", signature=b"", path=None, grounds=None, stamp=None
        )
        for one in verification.signers
    ]
    result: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(verification, content=None, signers=tuple(unnamed))
    )
    result.pop("content", None)
    for report in result.get("signers", []):
        for personal in (
            "iin",
            "common_name",
            "certificate",
            "signature",
            "path",
            "grounds",
            "stamp",
        ):
            report.pop(personal, None)
        report["chain"] = report.get("chain", [])[1:]
    return result
