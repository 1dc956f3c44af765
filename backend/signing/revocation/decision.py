"""Is each signer's certificate revoked? The lists first, for they cost nothing; then the responder.

    listed as revoked                    revoked, by the list; nobody is asked
    the responder says revoked           revoked, for good
    the responder says good              good
    the responder does not know it       not decided: the centre itself disowns what the list lets pass
    the responder gives no answer        as the lists say: good, or not decided

"Not decided" is neither valid nor revoked (FAULTS 20). The authority of the time stamp that a signer
was judged by is asked about in the same way.
"""

import asyncio
import hashlib
import time
from datetime import datetime

import msgspec

from backend.kernel.resources import Resources
from backend.signing.certificate import x509
from backend.signing.model import (
    CertPath,
    Code,
    Grounds,
    ListUsed,
    Revocation,
    SignerInfo,
    Verification,
    first_code,
)
from backend.signing.revocation import authority, crl, held, online
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.path import Issuer

# Only of these the status of the certificate can still change anything. A key that may not sign
# documents may yet prove who its holder is.
_ASKED_FOR = frozenset({Code.OK, Code.REVOCATION_UNKNOWN, Code.WRONG_KEY_USAGE})
_WORTH_ASKING = _ASKED_FOR | {Code.REVOKED}
_ASKED_AT_ONCE = 4  # a document of many signers shall not turn us against the responder


async def settle(
    resources: Resources, found: Verification, lists: RevocationFiles | None
) -> Verification:
    """`found`, judged by `lists` with an unknown status let pass, decided once and for all.

    The answer is here within `source_timeout_s`. Each signer carries its `grounds`.
    """
    if not held.is_required(resources.config) or found.code not in _WORTH_ASKING:
        return found
    now = resources.clock.now()
    asks = len(found.signers) <= _ASKED_AT_ONCE
    signers = tuple(
        await asyncio.gather(
            *(_settled(resources, one, lists, now, asks=asks) for one in found.signers)
        )
    )
    codes = [one.code for one in signers]
    if not found.valid:  # of the document, not of its signers
        codes.append(found.code)
    code = first_code(codes)
    valid = found.valid and code is Code.OK
    return msgspec.structs.replace(
        found, valid=valid, code=code, signers=signers, content=found.content if valid else None
    )


async def _settled(
    resources: Resources,
    signer: SignerInfo,
    lists: RevocationFiles | None,
    now: datetime,
    *,
    asks: bool,
) -> SignerInfo:
    if signer.path is None or signer.code not in _WORTH_ASKING:
        return signer
    stamp = signer.stamp
    at = stamp.at if stamp is not None else now
    revocation, grounds = await decide(
        resources, signer.path, signer.revocation, lists, at, asks=asks
    )
    if stamp is not None and revocation.status == "good":
        known, why = await decide(
            resources, stamp.path, stamp.revocation, lists, stamp.at, asks=asks
        )
        stamp = msgspec.structs.replace(stamp, revocation=known, grounds=why)
        grounds = msgspec.structs.replace(grounds, took_s=grounds.took_s + why.took_s)
    code = signer.code
    if code is not Code.WRONG_KEY_USAGE:
        code = _CODES[revocation.status]
    return msgspec.structs.replace(
        signer,
        valid=code is Code.OK,
        code=code,
        revocation=revocation,
        grounds=grounds,
        stamp=stamp,
    )


async def decide(
    resources: Resources,
    path: CertPath,
    by_lists: Revocation,
    lists: RevocationFiles | None,
    at: datetime,
    *,
    asks: bool = True,
) -> tuple[Revocation, Grounds]:
    """The status at `at` of a path's first certificate, of which the lists say `by_lists`; and why."""
    started = time.monotonic()
    asked: list[tuple[str, str]] = [("crl", by_lists.status)]
    revocation, answer = by_lists, None
    if by_lists.status != "revoked" and asks and held.uses_ocsp(resources.config):
        leaf = x509.parse(path.certificates[0])
        issuer = issuer_of(path)
        heard = await online.ask(resources, leaf, issuer)
        asked.append(("ocsp", heard.said))
        if heard.said in online.DECIDED:
            revocation, answer = heard.status(leaf, issuer, at), heard.raw
    lists_used = _deciding(lists, path, at) if revocation.source == "crl" else []
    return revocation, Grounds(
        asked=tuple(asked),
        ocsp=answer,
        lists=tuple(map(_named, lists_used)),
        raw_lists=tuple(one.raw for one in lists_used),
        took_s=time.monotonic() - started,
    )


def stamps_standing(found: Verification) -> authority.Status:
    """How the stamps its signers were judged by stand: revoked if any is, else unknown if any is."""
    known = {
        authority.standing(one.stamp.revocation) for one in found.signers if one.stamp is not None
    }
    return next((worst for worst in ("revoked", "unknown") if worst in known), "good")


_CODES: dict[str, Code] = {
    "good": Code.OK,
    "revoked": Code.REVOKED,
    "unknown": Code.REVOCATION_UNKNOWN,
}


def issuer_of(path: CertPath) -> Issuer:
    """Whose key the answers about the path's first certificate are checked with."""
    return Issuer(path.issuer_subject, path.issuer_spki, path.issuer_key_id)


def _deciding(lists: RevocationFiles | None, path: CertPath, at: datetime) -> list[crl.Crl]:
    """Which of the held lists decided; each was found to be its issuer's own when it was taken in."""
    own = [one for one in lists.lists if one.issuer == path.issuer_subject] if lists else []
    return crl.deciding(own, at)


def _named(one: crl.Crl) -> ListUsed:
    return ListUsed(
        sha256=_sha256(one),
        issuer_sha256=hashlib.sha256(one.issuer).hexdigest(),
        number=one.number,
        base_number=one.base_number,
        this_update=one.this_update,
    )


_digests: dict[int, tuple[crl.Crl, str]] = {}


def _sha256(one: crl.Crl) -> str:
    """The fingerprint of a list, taken once: a base list is large."""
    known = _digests.get(id(one))
    if known is None or known[0] is not one:
        while len(_digests) > 64:
            _digests.pop(next(iter(_digests)))
        known = _digests[id(one)] = (one, hashlib.sha256(one.raw).hexdigest())
    return known[1]
