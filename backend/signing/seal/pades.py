"""PAdES: CMS in a PDF, baseline B-B, and B-T with a time stamp (ETSI EN 319 142-1)."""

from collections.abc import Callable, Sequence

from backend.signing.algorithm import backend
from backend.signing.cms import build
from backend.signing.cms.build import Signer
from backend.signing.der import reader
from backend.signing.der.reader import Malformed
from backend.signing.model import Verification
from backend.signing.seal import pdf
from backend.signing.seal.errors import SealMissing
from backend.signing.verify.document import malformed, verify_cms_under
from backend.signing.verify.judge import Policy

_ROOM_BYTES = 4096  # a SignerInfo and the frame around it, of the largest key we take
_STAMP_BYTES = 16_384  # a token with its authority's certificates
_PADDING = b"\0"


def sign(
    document: bytes,
    signer: Signer,
    *,
    certificates: Sequence[bytes] = (),
    reason: str = "",
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """The PDF with the signer's signature over all of it; B-T when `stamp` makes time stamps.

    RSA only: readers of PDF know no GOST. Raises SealMissing for another key, PdfUnfit.
    """
    if signer.key.algorithm != backend.RSA:
        raise SealMissing(algorithm=signer.key.algorithm)
    room = _ROOM_BYTES + len(signer.certificate) + sum(map(len, certificates))
    if stamp is not None:
        room += _STAMP_BYTES

    def make(covered: bytes) -> bytes:
        return build.sign(
            covered, [signer], certificates=certificates, stamp=stamp, signing_time=False
        )

    return pdf.sign(document, room, signer.at, reason, make)


def verify(policy: Policy, document: bytes) -> Verification:
    """Verify the signature that covers the whole file; `content` of the answer is what it covers.

    MALFORMED where no signature does: what was appended after signing is not signed.
    """
    found = pdf.signed_octets(document)
    if found is None:
        return malformed()
    covered, padded = found
    try:
        cms = reader.read_at(padded, 0, len(padded)).raw
    except (Malformed, IndexError):
        return malformed()
    if padded[len(cms) :].strip(_PADDING):
        return malformed()
    return verify_cms_under(policy, cms, covered)
