"""Who computes: one protocol for every library, so that a certified one can be put in front.

The first backend that knows an algorithm answers. RSA and ECDSA are `cryptography`'s, GOST is ours.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from backend.signing.algorithm import gost, oids
from backend.signing.der import reader
from backend.signing.der.reader import Malformed

RSA, ECDSA = "rsa-sha256", "ecdsa-sha256"
# NIST SP 800-131A: shorter RSA is not acceptable; the upper bound keeps a hostile key from costing seconds
RSA_BITS = (2048, 8192)

SIGNATURE_OIDS = {
    **{family.signature_oid: name for name, family in gost.FAMILIES.items()},
    oids.RSA_SHA256: RSA,
    oids.ECDSA_SHA256: ECDSA,
}
# Some signers name only the key's algorithm and leave the digest to digestAlgorithm (RFC 3370 §3.2)
KEY_OIDS = {
    **{family.key_oid: name for name, family in gost.FAMILIES.items()},
    oids.RSA_KEY: RSA,
    oids.EC_KEY: ECDSA,
}
DIGEST_OIDS = {
    **{name: family.digest_oid for name, family in gost.FAMILIES.items()},
    RSA: oids.SHA256,
    ECDSA: oids.SHA256,
}


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    **{family.digest_oid: family.digest for family in gost.FAMILIES.values()},
    oids.SHA256: _sha256,
}


# For what a signature or a time stamp merely names: a certificate, an imprint
NAMING: dict[str, Callable[[bytes], bytes]] = {
    **DIGESTS,
    oids.SHA384: lambda data: hashlib.sha384(data).digest(),
    oids.SHA512: lambda data: hashlib.sha512(data).digest(),
}


class SignatureBackend(Protocol):
    """A library that can check signatures."""

    name: str
    algorithms: frozenset[str]

    def verify(self, spki: bytes, algorithm: str, data: bytes, signature: bytes) -> bool:
        """Does `signature` hold over `data` under this SubjectPublicKeyInfo? Never raises for bad input."""


class GostBackend:
    """Our own GOST 34.10 over `gmpy2` numbers, or over plain integers."""

    algorithms = frozenset(gost.FAMILIES)

    def __init__(self, *, plain: bool = False) -> None:
        self._number: Callable[[int], Any] = int if plain else gost.FAST_NUMBER
        self.name = "python" if self._number is int else "gmpy2"

    def verify(self, spki: bytes, algorithm: str, data: bytes, signature: bytes) -> bool:
        """See SignatureBackend."""
        try:
            key = gost.public_key(spki, self._number)
        except gost.BadKey:
            return False
        if key.family.algorithm != algorithm:
            return False
        return key.verify(key.family.digest(data), signature)


class CryptographyBackend:
    """RSA PKCS#1 v1.5 with SHA-256 and ECDSA P-256, from `cryptography`."""

    name = "cryptography"
    algorithms = frozenset({RSA, ECDSA})

    def verify(self, spki: bytes, algorithm: str, data: bytes, signature: bytes) -> bool:
        """See SignatureBackend."""
        key = _public_key(spki)
        try:
            if algorithm == RSA and isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            elif algorithm == ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
            else:
                return False
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(maxsize=1024)
def _public_key(spki: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    """The RSA or P-256 key in a SubjectPublicKeyInfo, or None when it is another or too weak."""
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if isinstance(key, rsa.RSAPublicKey) and RSA_BITS[0] <= key.key_size <= RSA_BITS[1]:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


_backends: list[SignatureBackend] = [GostBackend(), CryptographyBackend()]


def prefer(found: SignatureBackend) -> None:
    """Ask this backend first from now on; the composition root decides, once, at the start."""
    _backends.insert(0, found)


def settle_gost(found: SignatureBackend) -> None:
    """Let this backend, and none asked for before, compute GOST from now on."""
    _backends[:] = [found, *(b for b in _backends if not b.algorithms & found.algorithms)]


def backends() -> Sequence[SignatureBackend]:
    """The backends in the order they are asked."""
    return tuple(_backends)


def verify(spki: bytes, algorithm: str, data: bytes, signature: bytes) -> bool:
    """Check with the first backend that knows the algorithm; False when none does."""
    for backend in _backends:
        if algorithm in backend.algorithms:
            return backend.verify(spki, algorithm, data, signature)
    return False


@lru_cache(maxsize=4096)
def key_algorithm(spki: bytes) -> str | None:
    """The algorithm a public key says it is for, or None when that is not ours or the key is weak.

    A key that is damaged keeps its algorithm: no signature holds under it.
    """
    try:
        parts = reader.read(spki).first().children()
        oid, parameters = parts[0].oid(), parts[1:]
        curve = parameters[0].oid() if parameters and oid == oids.EC_KEY else None
    except (Malformed, IndexError):
        return None
    if oid == oids.EC_KEY and curve != oids.EC_P256:
        return None
    if oid == oids.RSA_KEY and not RSA_BITS[0] <= _modulus_bits(spki) <= RSA_BITS[1]:
        return None
    return KEY_OIDS.get(oid)


def _modulus_bits(spki: bytes) -> int:
    """The length of an RSA modulus; 0 when it cannot be read."""
    try:
        key = reader.read(reader.read(spki).exactly(2)[1].bits())
        return key.first().integer().bit_length()
    except Malformed:
        return 0


def signature_algorithm(signature_oid: str, digest_oid: str) -> str | None:
    """The algorithm a SignerInfo names by its two identifiers, or None when they are not ours."""
    name = SIGNATURE_OIDS.get(signature_oid) or KEY_OIDS.get(signature_oid)
    return name if name is not None and DIGEST_OIDS[name] == digest_oid else None
