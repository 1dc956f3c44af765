"""From a claim to a signer's answer: time, chain, validity, key usage, role, revocation, in that order."""

from datetime import datetime

from msgspec import Struct

from backend.signing.certificate.profile import holder_of, may_sign
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms.claims import Claim
from backend.signing.model import CertPath, Code, Revocation, Role, SignerInfo, StampUsed
from backend.signing.revocation import authority
from backend.signing.revocation.files import RevocationSource
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore
from backend.signing.verify import timestamp


class Policy(Struct, frozen=True, kw_only=True):
    """What is demanded of every signer.

    `at` is the reference time where no valid time stamp is inside. Without a source of revocation
    nothing is known, and unless `revocation_required` is False that is a refusal. A stamp whose
    authority is known to be revoked is as if it were not there; with `stamps` False, every one is.
    """

    trust: TrustStore
    at: datetime
    revocation: RevocationSource | None = None
    revocation_required: bool = True
    require_role: Role | None = None
    stamps: bool = True


def judge(claim: Claim, policy: Policy) -> SignerInfo:
    """The signer's answer. The first code that applies, in the contract's order."""
    certificate = claim.certificate
    if certificate is None:
        return SignerInfo(valid=False, code=claim.integrity, algorithm=claim.algorithm)
    holder = holder_of(certificate)
    stamp = _stamp(claim, policy)
    at = stamp.at if stamp is not None else policy.at
    found = path.build(certificate, list(claim.others), policy.trust, at)
    revocation = Revocation()
    if found is not None and policy.revocation is not None:
        revocation = policy.revocation.status(certificate, found.issuer, at)
    code = _code(claim, found, certificate, revocation, policy)
    return SignerInfo(
        valid=code is Code.OK,
        code=code,
        algorithm=claim.algorithm,
        iin=holder.iin,
        bin=holder.bin,
        common_name=holder.common_name,
        organisation=holder.organisation,
        roles=holder.roles,
        signed_at=stamp.at if stamp is not None else claim.signed_at,
        timestamped=stamp is not None,
        serial=_hex(certificate.serial),
        chain=found.names if found is not None else (holder.common_name or "",),
        revocation=revocation,
        certificate=certificate.raw,
        signature=claim.signature,
        path=cert_path(found) if found is not None else None,
        stamp=stamp,
    )


def _stamp(claim: Claim, policy: Policy) -> StampUsed | None:
    """The stamp whose time counts: the earliest of a good authority, else of one not known to be revoked."""
    if claim.integrity is not Code.OK or not policy.stamps:
        return None
    unknown: StampUsed | None = None
    for one in timestamp.believed(claim.stamps, claim.others, policy.trust):
        revocation = Revocation()
        if policy.revocation is not None:
            revocation = policy.revocation.status(one.authority, one.path.issuer, one.at)
        used = StampUsed(at=one.at, path=cert_path(one.path), revocation=revocation)
        if authority.standing(revocation) == "good":
            return used
        if authority.standing(revocation) == "unknown":
            unknown = unknown or used
    return unknown


def cert_path(found: path.TrustPath) -> CertPath:
    """A path as evidence keeps it."""
    return CertPath(
        certificates=found.certificates,
        anchors=found.anchors,
        issuer_subject=found.issuer.subject,
        issuer_spki=found.issuer.spki,
        issuer_key_id=found.issuer.key_id,
    )


def _code(
    claim: Claim,
    found: path.TrustPath | None,
    certificate: Certificate,
    revocation: Revocation,
    policy: Policy,
) -> Code:
    holder = holder_of(certificate)
    if claim.integrity is not Code.OK:
        return claim.integrity
    if found is None:
        return Code.UNTRUSTED_CHAIN
    if not found.in_force:
        return Code.EXPIRED
    if not may_sign(certificate, holder.roles):
        return Code.WRONG_KEY_USAGE
    if holder.foreign_roles or _lacks(policy.require_role, holder.roles):
        return Code.WRONG_ROLE
    if revocation.status == "revoked":
        return Code.REVOKED
    if revocation.status == "unknown" and policy.revocation_required:
        return Code.REVOCATION_UNKNOWN
    return Code.OK


def _lacks(required: Role | None, roles: tuple[Role, ...]) -> bool:
    return required is not None and required not in roles


def _hex(serial: int) -> str:
    """Whole octets, as people compare them with other tools."""
    text = f"{serial:x}"
    return text.rjust(len(text) + len(text) % 2, "0")
