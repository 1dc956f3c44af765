"""GOST 34.10 signatures in Kazakhstan's octet order (ECP.md §1.2).

The public key is `X || Y`, the signature `r || s`, the digest a number: all little-endian. That is
the RFC 4490 form read backwards. Equations: RFC 7091 §6.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from backend.signing.algorithm import gost94, oids, streebog
from backend.signing.algorithm.curve import Affine, Curve
from backend.signing.algorithm.curve_parameters import (
    CRYPTOPRO_A,
    TC26_256_A,
    TC26_512_A,
    Parameters,
)
from backend.signing.der import reader, writer

FAST_NUMBER: Callable[[int], Any]
try:
    import gmpy2
except ImportError:  # plain Python gives the same answers, slower
    FAST_NUMBER = int
else:
    FAST_NUMBER = gmpy2.mpz


class Family(NamedTuple):
    """One generation: its contract name, identifiers, curve and digest."""

    algorithm: str
    key_oid: str
    signature_oid: str
    digest_oid: str
    key_parameters: tuple[str, ...]
    curve: Parameters
    digest: Callable[[bytes], bytes]


GOST2015_512 = Family(
    "gost2015-512",
    oids.GOST2015_512_KEY,
    oids.GOST2015_512_SIGNATURE,
    oids.STREEBOG_512,
    (oids.GOST2015_512_PARAMS, oids.STREEBOG_512),
    TC26_512_A,
    streebog.digest,
)
GOST2015_256 = Family(
    "gost2015-256",
    oids.GOST2015_256_KEY,
    oids.GOST2015_256_SIGNATURE,
    oids.STREEBOG_256,
    (oids.GOST2015_256_PARAMS, oids.STREEBOG_256),
    TC26_256_A,
    lambda data: streebog.digest(data, bits=256),
)
GOST2004 = Family(
    "gost2004",
    oids.GOST2004_KEY,
    oids.GOST2004_SIGNATURE,
    oids.GOST_34311,
    (oids.GOST2004_PARAMS, oids.GOST2004_HASH_PARAMS),
    CRYPTOPRO_A,
    gost94.digest,
)
FAMILIES = {family.algorithm: family for family in (GOST2015_512, GOST2015_256, GOST2004)}
_BY_KEY = {family.key_oid: family for family in FAMILIES.values()}


class BadKey(ValueError):
    """A public key that is no GOST key of a known family, or no point of its curve."""


@lru_cache(maxsize=16)
def curve_of(family: Family, number: Callable[[int], Any] = FAST_NUMBER) -> Curve:
    """The curve of a family over one kind of number."""
    return Curve(family.curve, number)


class PublicKey(NamedTuple):
    """A checked point of a family's curve, with its odd multiples ready for verification."""

    family: Family
    curve: Curve
    multiples: list[Affine]

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Does `signature` (r || s, little-endian) hold over `digest`? RFC 7091 §6.2."""
        curve, size = self.curve, self.curve.size
        if len(signature) != 2 * size:
            return False
        r = int.from_bytes(signature[:size], "little")
        s = int.from_bytes(signature[size:], "little")
        if not (0 < r < curve.q and 0 < s < curve.q):
            return False
        v = pow(_digest_number(digest, curve), -1, curve.q)
        point = curve.double_multiply(s * v % curve.q, -r * v % curve.q, self.multiples)
        return point is not None and bool(point[0] % curve.q == r)


@lru_cache(maxsize=2048)
def public_key(spki: bytes, number: Callable[[int], Any] = FAST_NUMBER) -> PublicKey:
    """The key in a SubjectPublicKeyInfo. Raises BadKey."""
    try:
        family, raw = _parse(spki)
        curve = curve_of(family, number)
        x = int.from_bytes(raw[: curve.size], "little")
        y = int.from_bytes(raw[curve.size :], "little")
        return PublicKey(family, curve, curve.odd_multiples(curve.point(x, y)))
    except ValueError as e:  # Malformed, NotOnCurve, a wrong number of children
        raise BadKey(str(e)) from None


def _parse(spki: bytes) -> tuple[Family, bytes]:
    """The family and the octets X || Y of a SubjectPublicKeyInfo. Raises ValueError."""
    algorithm, key = reader.read(spki).expect(reader.SEQUENCE).exactly(2)
    parts = algorithm.expect(reader.SEQUENCE).children()
    family = _BY_KEY.get(parts[0].oid()) if parts else None
    if family is None:
        raise BadKey("not a GOST key")
    parameters = parts[1].expect(reader.SEQUENCE).children() if len(parts) == 2 else []
    # the first parameter names the curve; the second names the digest and may be absent
    named = tuple(parameter.oid() for parameter in parameters)
    if not named or named != family.key_parameters[: len(named)]:
        raise BadKey("the key's parameters are not the family's")
    raw = reader.read(key.bits()).expect(reader.OCTET_STRING).content
    if len(raw) != 2 * family.curve.size:
        raise BadKey("the key has a wrong length")
    return family, raw


def _digest_number(digest: bytes, curve: Curve) -> Any:
    """The digest as the number e of the equations: little-endian, 1 for 0 (RFC 7091 §6.1)."""
    return curve.number(int.from_bytes(digest, "little")) % curve.q or curve.number(1)


class PrivateKey:
    """A signing key of a family. For the sandbox and for tests; seals in production come later."""

    def __init__(self, family: Family, secret: int) -> None:
        self.family, self.curve = family, curve_of(family)
        if not 0 < secret < self.curve.q:
            raise BadKey("the secret is out of range")
        self._secret = self.curve.number(secret)
        self.algorithm = family.algorithm

    @classmethod
    def generate(cls, family: Family = GOST2015_512, seed: bytes | None = None) -> "PrivateKey":
        """A new key: random, or the one that belongs to `seed` (sandbox and tests only)."""
        order = int(curve_of(family).q)
        if seed is None:
            return cls(family, 1 + secrets.randbelow(order - 1))
        wide = hashlib.shake_256(b"saqtau " + family.algorithm.encode() + b"\0" + seed).digest(96)
        return cls(family, 1 + int.from_bytes(wide, "big") % (order - 1))

    @property
    def secret(self) -> int:
        """The secret number d."""
        return int(self._secret)

    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, in DER."""
        point = self.curve.multiply_base(self._secret)
        assert point is not None
        raw = b"".join(int(c).to_bytes(self.curve.size, "little") for c in point)
        parameters = writer.sequence(*map(writer.oid, self.family.key_parameters))
        return writer.sequence(
            writer.sequence(writer.oid(self.family.key_oid), parameters),
            writer.bit_string(writer.octet_string(raw)),
        )

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: r || s, little-endian."""
        return self.sign_digest(self.family.digest(data))

    def sign_digest(self, digest: bytes) -> bytes:
        """The signature over a digest (RFC 7091 §6.1), the nonce bound to key and digest."""
        curve, q = self.curve, self.curve.q
        e = _digest_number(digest, curve)
        for attempt in range(256):
            k = self._nonce(digest, attempt)
            point = curve.multiply_base(k)
            if point is None:
                continue
            r = point[0] % q
            s = (r * self._secret + k * e) % q
            if r and s:
                return b"".join(int(n).to_bytes(curve.size, "little") for n in (r, s))
        raise AssertionError("256 nonces in a row gave no signature")

    def _nonce(self, digest: bytes, attempt: int) -> Any:
        """A nonce that never repeats for another digest (the idea of RFC 6979, one wide HMAC)."""
        secret = int(self._secret).to_bytes(self.curve.size, "big")
        wide = b"".join(
            hmac.digest(secret, bytes((attempt, part)) + digest, "sha512") for part in (1, 2)
        )
        return self.curve.number(1 + int.from_bytes(wide, "big") % (int(self.curve.q) - 1))
