"""Private keys that sign: GOST, RSA and P-256 behind one shape."""

import hashlib
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from backend.signing.algorithm import backend, gost


class SigningKey(Protocol):
    """A key that signs: in memory here, in a PKCS#11 token or a certified module elsewhere."""

    @property
    def algorithm(self) -> str:
        """The contract's name of the algorithm."""

    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, in DER."""

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`, in the octets CMS and X.509 carry."""


class LibraryKey:
    """An RSA or P-256 key of `cryptography`."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.algorithm = backend.RSA if isinstance(key, rsa.RSAPrivateKey) else backend.ECDSA

    def spki(self) -> bytes:
        """See SigningKey."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, data: bytes) -> bytes:
        """See SigningKey."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def pkcs8(self) -> bytes:
        """The key as unencrypted PKCS#8."""
        return self._key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def generate(algorithm: str, seed: bytes | None = None) -> SigningKey:
    """A new key of `algorithm`; with a `seed`, always the same one (sandbox and tests only).

    Raises ValueError for an algorithm that is not ours.
    """
    if algorithm in gost.FAMILIES:
        return gost.PrivateKey.generate(gost.FAMILIES[algorithm], seed)
    if algorithm == backend.RSA:
        return LibraryKey(_rsa(seed))
    if algorithm == backend.ECDSA:
        if seed is None:
            return LibraryKey(ec.generate_private_key(ec.SECP256R1()))
        number = int.from_bytes(_stream(seed, b"p256", 31), "big") + 1
        return LibraryKey(ec.derive_private_key(number, ec.SECP256R1()))
    raise ValueError(f"no such algorithm: {algorithm}")


def _stream(seed: bytes, label: bytes, size: int) -> bytes:
    return hashlib.shake_256(b"saqtau " + label + b"\0" + seed).digest(size)


def _rsa(seed: bytes | None) -> rsa.RSAPrivateKey:
    """RSA-2048, e = 65537; the primes follow the seed when there is one."""
    if seed is None:
        return rsa.generate_private_key(65537, 2048)
    import gmpy2

    def prime(label: bytes) -> Any:
        start = int.from_bytes(_stream(seed, label, 128), "big") | 3 << 1022
        found = gmpy2.next_prime(start)
        while gmpy2.gcd(found - 1, 65537) != 1:
            found = gmpy2.next_prime(found)
        return found

    p, q = prime(b"rsa p"), prime(b"rsa q")
    d = gmpy2.invert(65537, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, int(p * q))
    return rsa.RSAPrivateNumbers(
        p=int(p), q=int(q), d=int(d), dmp1=int(d % (p - 1)), dmq1=int(d % (q - 1)),
        iqmp=int(gmpy2.invert(q, p)), public_numbers=public,
    ).private_key()  # fmt: skip


def dump(key: SigningKey) -> dict[str, str]:
    """A key as text fields, for the sandbox's own store."""
    if isinstance(key, gost.PrivateKey):
        return {"algorithm": key.algorithm, "secret": format(key.secret, "x")}
    assert isinstance(key, LibraryKey)
    return {"algorithm": key.algorithm, "pkcs8": key.pkcs8().hex()}


def load(fields: dict[str, str]) -> SigningKey:
    """The key that `dump` wrote."""
    if "secret" in fields:
        return gost.PrivateKey(gost.FAMILIES[fields["algorithm"]], int(fields["secret"], 16))
    key = serialization.load_der_private_key(bytes.fromhex(fields["pkcs8"]), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return LibraryKey(key)
