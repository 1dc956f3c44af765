"""RFC 3161: the request for a time stamp, and what its answer says."""

from backend.signing.algorithm import backend, oids
from backend.signing.cms import build, parse
from backend.signing.der import reader, writer
from backend.signing.der.reader import Malformed

MAX_BYTES = 64 * 1024
_GRANTED = (0, 1)  # granted, granted with modifications (§2.4.2)
_REFUSED = {2: "REJECTED", 3: "WAITING", 4: "REVOCATION_WARNING", 5: "REVOCATION"}


class Refused(Exception):
    """The authority gave no token: `reason` is its status."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def request(signature: bytes, algorithm: str | None, nonce: int) -> bytes:
    """A TimeStampReq over a signature's octets, with the digest of the signer's family (ECP.md §3.2).

    The authority's certificate is asked for, so that the token can be judged alone.
    """
    digest_oid = backend.DIGEST_OIDS.get(algorithm or "", oids.SHA256)
    imprint = writer.sequence(
        build.algorithm_identifier(digest_oid),
        writer.octet_string(backend.DIGESTS[digest_oid](signature)),
    )
    return writer.sequence(writer.integer(1), imprint, writer.integer(nonce), writer.boolean(True))


def token_in(raw: bytes, nonce: int) -> bytes:
    """The token a TimeStampResp grants to the request of that nonce. Raises Refused, Malformed."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the answer is too large")
    parts = reader.read(raw).expect(reader.SEQUENCE).children()
    if not 1 <= len(parts) <= 2:
        raise Malformed("not a TimeStampResp")
    status = parts[0].expect(reader.SEQUENCE).first().integer()
    if status not in _GRANTED:
        raise Refused(_REFUSED.get(status, "REFUSED"))
    if len(parts) != 2:
        raise Malformed("granted, but no token")
    token = parts[1].raw
    if _nonce_of(token) != nonce:
        raise Refused("OTHER_NONCE")
    return token


def _nonce_of(token: bytes) -> int | None:
    """The nonce in a token's TSTInfo: the one INTEGER after genTime."""
    signed = parse.parse(token)
    if signed.content is None:
        raise Malformed("a token without content")
    fields = reader.read(signed.content).expect(reader.SEQUENCE).children()
    numbers = [field.integer() for field in fields[5:] if field.tag == reader.INTEGER]
    return numbers[0] if numbers else None
