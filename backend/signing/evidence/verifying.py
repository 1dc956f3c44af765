"""One document, judged under the configured trust: what every signed thing passes through."""

from collections.abc import Awaitable, Callable

import msgspec

from backend.kernel.resources import Resources
from backend.signing.errors import CertRevoked, RevocationUnknown, SignatureInvalid
from backend.signing.model import Code, SignerInfo, Verification
from backend.signing.revocation import decision, held
from backend.signing.revocation.breaker import PAUSE
from backend.signing.revocation.files import RevocationFiles
from backend.signing.verify import pool

RETRY_AFTER_S = int(PAUSE.total_seconds())  # when a source that failed will have been asked again


async def verify(resources: Resources, cms: bytes, content: bytes | None) -> Verification:
    """Verify one CMS now, under the configured trust; the event loop stays free.

    The status of the certificates is decided after everything else held: a document that does not
    stand asks nothing of the responder.
    """

    def judged(lists: RevocationFiles | None, stamps: bool) -> Awaitable[Verification]:
        return pool.verify_cms(
            resources.verifiers, cms, content, trust=resources.config.trust,
            at=resources.clock.now(), revocation=lists, revocation_required=False, stamps=stamps,
        )  # fmt: skip

    return await _settled(resources, judged)


async def verify_xml(resources: Resources, xml: bytes) -> Verification:
    """As `verify`, for signed XML."""

    def judged(lists: RevocationFiles | None, stamps: bool) -> Awaitable[Verification]:
        return pool.verify_xml(
            resources.verifiers, xml, trust=resources.config.trust,
            at=resources.clock.now(), revocation=lists, revocation_required=False, stamps=stamps,
        )  # fmt: skip

    return await _settled(resources, judged)


Judged = Callable[[RevocationFiles | None, bool], Awaitable[Verification]]


async def _settled(resources: Resources, judged: Judged) -> Verification:
    """Judge by the stamps inside; where an authority of theirs is not known to be good, without them.

    A signature needs no stamp, so one of unknown standing takes nothing away. Where the stamp alone
    would save it (the certificate has expired since), that is not decided.
    """
    lists = await held.current(resources)
    found = await decision.settle(resources, await judged(lists, True), lists)
    standing = decision.stamps_standing(found)
    if not found.valid or standing == "good" or not held.is_required(resources.config):
        return found
    bare = await decision.settle(resources, await judged(lists, False), lists)
    if bare.valid or standing == "revoked":
        return bare
    code = Code.REVOCATION_UNKNOWN
    signers = tuple(msgspec.structs.replace(s, valid=False, code=code) for s in found.signers)
    return msgspec.structs.replace(found, valid=False, code=code, signers=signers, content=None)


def require_one_signer(verification: Verification) -> SignerInfo:
    """The only signer of a valid document. Raises SignatureInvalid, CertRevoked, RevocationUnknown."""
    if verification.code is Code.REVOKED:
        raise CertRevoked
    if verification.code is Code.REVOCATION_UNKNOWN:
        raise RevocationUnknown(retry_after_s=RETRY_AFTER_S)
    if not verification.valid:
        raise SignatureInvalid(reason=verification.code.value)
    if len(verification.signers) != 1:
        raise SignatureInvalid(reason="ONE_SIGNER_EXPECTED")
    return verification.signers[0]
