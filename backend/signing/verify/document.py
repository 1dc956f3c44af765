"""A signed document in, the contract's answer out. Nothing here raises on what a sender wrote."""

import re
from datetime import datetime

from backend.signing.cms import parse
from backend.signing.cms.claims import claims_of
from backend.signing.der.reader import Malformed
from backend.signing.model import Code, Format, Role, SignerInfo, Verification, first_code
from backend.signing.revocation.files import RevocationSource
from backend.signing.trust.store import TrustStore
from backend.signing.verify.judge import Policy, judge
from backend.signing.xml import c14n, tree
from backend.signing.xml import claims as xml_claims

# Malformed is the reader's word; the rest are nets beneath it, so that no document becomes a crash
_UNREADABLE = (Malformed, ValueError, IndexError, RecursionError)
MAX_RAW = 2 * parse.MAX_BYTES  # as PEM or base64
MAX_LEAD = 1024 * 1024  # space before the first sign
_SIGN = re.compile(rb"[^ \t\r\n\0\xef\xbb\xbf\xff\xfe]")  # no space, nor a mark of UTF-8 or UTF-16


def verify_cms(
    cms: bytes,
    content: bytes | None,
    trust: TrustStore,
    at: datetime,
    revocation: RevocationSource | None,
    require_role: Role | None = None,
    *,
    revocation_required: bool = True,
) -> Verification:
    """Verify CMS in DER, BER, PEM or base64, with its detached `content` when it has none inside.

    `at` (aware, UTC) is the reference time unless a valid time stamp is inside. An attached
    signature given other content too is DIGEST_MISMATCH. Never raises for bad input: MALFORMED.
    """
    policy = Policy(
        trust=trust,
        at=at,
        revocation=revocation,
        revocation_required=revocation_required,
        require_role=require_role,
    )
    return verify_cms_under(policy, cms, content)


def verify_cms_under(policy: Policy, cms: bytes, content: bytes | None) -> Verification:
    """As `verify_cms`, under a policy made before."""
    kind: Format | None = None
    try:
        signed = parse.parse(parse.to_binary(cms))
        kind = "cms-detached" if signed.content is None else "cms-attached"
        inside = signed.content if signed.content is not None else content
        if not signed.signers:
            return malformed(kind)
        claims = claims_of(signed, inside)
        signers = tuple(judge(claim, policy) for claim in claims)
    except _UNREADABLE:
        return malformed(kind)
    codes = [signer.code for signer in signers]
    if content is not None and inside != content:
        codes.append(Code.DIGEST_MISMATCH)
    return _answer(kind, signers, codes, inside)


def malformed(kind: Format | None = None) -> Verification:
    """The answer to what cannot be read."""
    return Verification(valid=False, code=Code.MALFORMED, format=kind)


def _answer(
    kind: Format, signers: tuple[SignerInfo, ...], codes: list[Code], content: bytes | None
) -> Verification:
    code = first_code(codes)
    valid = code is Code.OK and bool(signers)
    return Verification(
        valid=valid, code=code, format=kind, signers=signers, content=content if valid else None
    )


def verify_document(policy: Policy, raw: bytes, content: bytes | None = None) -> Verification:
    """Verify CMS or signed XML, whichever `raw` is. Never raises for bad input: MALFORMED."""
    if len(raw) > MAX_RAW:
        return malformed()
    first = _SIGN.search(raw, 0, MAX_LEAD)
    if first is not None and first[0] == b"<":
        return verify_xml_under(policy, raw, content)
    return verify_cms_under(policy, raw, content)


def verify_xml_under(policy: Policy, raw: bytes, content: bytes | None = None) -> Verification:
    """Verify XMLDSig over a document's root, or a WS-Security envelope's Body.

    `content` of the answer is the canonical octets that were digested, not the XML as sent. Other
    `content` beside it is DIGEST_MISMATCH.
    """
    kind: Format | None = None
    try:
        document = tree.parse(raw)
        kind = "wsse" if xml_claims.is_envelope(document) else "xmldsig"
        target = (xml_claims.wsse_target if kind == "wsse" else xml_claims.dsig_target)(document)
        claims, covered = xml_claims.claims_of(target)
        signers = tuple(judge(claim, policy) for claim in claims)
    except _UNREADABLE:
        return malformed(kind)
    if not signers:
        return malformed(kind)
    codes = [signer.code for signer in signers]
    if content is not None and content != raw and covered not in _canonical_forms(content):
        codes.append(Code.DIGEST_MISMATCH)
    return _answer(kind, signers, codes, covered)


def _canonical_forms(content: bytes) -> tuple[bytes, ...]:
    """What a signature may have digested of an XML document; of anything else nothing."""
    try:
        document = tree.parse(content)
        return tuple(c14n.of_document(document, exclusive=one) for one in (False, True))
    except _UNREADABLE:
        return ()
