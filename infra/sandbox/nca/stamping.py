"""The centre's time-stamping authority (RFC 3161), as the NCA's: http://tsp.pki.gov.kz."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from backend.signing.algorithm import backend
from backend.signing.certificate import x509
from backend.signing.cms import build
from backend.signing.cms import identifiers as ids
from backend.signing.der import reader, writer
from infra.sandbox.nca.keypair import KeyPair

# ECP.md §1.3: the NCA's policies for stamps signed with GOST-2004, RSA and GOST-2015
POLICIES = {
    "gost2004": "1.2.398.3.3.2.6.1",
    "rsa-sha256": "1.2.398.3.3.2.6.2",
    "gost2015-512": "1.2.398.3.3.2.6.4",
}


class Request(NamedTuple):
    """What a client asks to be stamped."""

    digest_oid: str
    digest: bytes
    nonce: int | None


def read_request(raw: bytes) -> Request:
    """A TimeStampReq. Raises Malformed."""
    fields = reader.read(raw).expect(reader.SEQUENCE).children()
    algorithm, digest = fields[1].expect(reader.SEQUENCE).children()
    nonces = [field.integer() for field in fields[2:] if field.tag == reader.INTEGER]
    return Request(x509.algorithm_oid(algorithm), digest.octets(), nonces[0] if nonces else None)


def token(authority: KeyPair, request: Request, at: datetime, serial: int) -> bytes:
    """A TimeStampToken: CMS over TSTInfo, the authority's certificate enclosed."""
    imprint = writer.sequence(
        build.algorithm_identifier(request.digest_oid), writer.octet_string(request.digest)
    )
    info = writer.sequence(
        writer.integer(1),
        writer.oid(POLICIES.get(authority.algorithm, POLICIES["gost2015-512"])),
        imprint,
        writer.integer(serial),
        writer.generalized_time(at),
        writer.integer(request.nonce) if request.nonce is not None else b"",
    )
    signer = build.Signer(authority.key, authority.certificate_der, at)
    return build.sign(
        info, [signer], detached=False, content_type=ids.TST_INFO, certificates=authority.chain[:1]
    )


def response(made: bytes) -> bytes:
    """A TimeStampResp that grants a token."""
    return writer.sequence(writer.sequence(writer.integer(0)), made)


def refusal(status: int = 2) -> bytes:
    """A TimeStampResp without a token."""
    return writer.sequence(writer.sequence(writer.integer(status)))


def stamper(authority: KeyPair, at: datetime, serial: int) -> Callable[[bytes], bytes]:
    """For `co_sign`: stamps a signature's octets with the digest of the authority's family."""
    digest_oid = backend.DIGEST_OIDS[authority.algorithm]

    def stamp(signature: bytes) -> bytes:
        digest = backend.DIGESTS[digest_oid](signature)
        return token(authority, Request(digest_oid, digest, None), at, serial)

    return stamp
