"""One document, judged under the configured trust: what every signed thing passes through."""

from backend.kernel.resources import Resources
from backend.signing.errors import CertRevoked, RevocationUnknown, SignatureInvalid
from backend.signing.model import Code, SignerInfo, Verification
from backend.signing.revocation import decision, held
from backend.signing.revocation.breaker import PAUSE
from backend.signing.verify import pool

RETRY_AFTER_S = int(PAUSE.total_seconds())  # when a source that failed will have been asked again


async def verify(resources: Resources, cms: bytes, content: bytes | None) -> Verification:
    """Verify one CMS now, under the configured trust; the event loop stays free.

    The status of the certificates is decided after everything else held: a document that does not
    stand asks nothing of the responder.
    """
    lists = await held.current(resources)
    found = await pool.verify_cms(
        resources.verifiers,
        cms,
        content,
        trust=resources.config.trust,
        at=resources.clock.now(),
        revocation=lists,
        revocation_required=False,
    )
    return await decision.settle(resources, found, lists)


async def verify_xml(resources: Resources, xml: bytes) -> Verification:
    """As `verify`, for signed XML."""
    lists = await held.current(resources)
    found = await pool.verify_xml(
        resources.verifiers,
        xml,
        trust=resources.config.trust,
        at=resources.clock.now(),
        revocation=lists,
        revocation_required=False,
    )
    return await decision.settle(resources, found, lists)


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
