"""Opening the NCA's .p12 files: GOST and RSA keys (ECP.md §1.4).

`cryptography` cannot open the GOST ones. The format is PKCS#12 v1 (RFC 7292): BER outside, MAC
SHA-1, key bag PBE-SHA1-3DES, certificate bag PBE-SHA1-RC2-40. Those ciphers protect a file, not a
signature: they are read here and never written.
"""

import hashlib
import hmac

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC

from backend.signing.algorithm import gost
from backend.signing.algorithm.keys import LibraryKey, SigningKey
from backend.signing.certificate import rc2, x509
from backend.signing.cms import identifiers as ids
from backend.signing.der import reader
from backend.signing.der.reader import Element, Malformed

MAX_BYTES = 1024 * 1024
MAX_ITERATIONS = 1_000_000
ENCRYPTED_DATA = "1.2.840.113549.1.7.6"
PBE_3DES, _PBE_RC2_40 = "1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.6"
SHROUDED_KEY, CERTIFICATE = "1.2.840.113549.1.12.10.1.2", "1.2.840.113549.1.12.10.1.3"
KEY, IV, MAC = 1, 2, 3  # RFC 7292 B.3


class WrongPassword(ValueError):
    """The file's integrity check does not hold under this password."""


def read(raw: bytes, password: str) -> tuple[SigningKey, list[bytes]]:
    """The key, and the certificates in DER, the key's own first.

    Raises WrongPassword, or Malformed for what is no such file.
    """
    if len(raw) > MAX_BYTES:
        raise Malformed("the key file is too large")
    fields = reader.read(raw, ber=True).expect(reader.SEQUENCE).children()
    if len(fields) != 3 or fields[0].integer() != 3:
        raise Malformed("not a PKCS#12 file with a password")
    safe = _data(fields[1])
    secret = password.encode("utf-16-be") + b"\0\0"
    _require_mac(fields[2], safe, secret)
    key, certificates = None, []
    for info in reader.read(safe, ber=True).children():
        for bag in reader.read(_contents(info, secret), ber=True).children():
            parts = bag.children()
            if len(parts) < 2:
                raise Malformed("not a bag")
            if parts[0].oid() == SHROUDED_KEY:
                key = _key(_decrypted(parts[1].inside(reader.SEQUENCE), secret))
            elif parts[0].oid() == CERTIFICATE:
                held = parts[1].inside(reader.SEQUENCE).exactly(2)[1]
                certificates.append(held.inside(reader.OCTET_STRING).octets())
    if key is None:
        raise Malformed("no key in the file")
    spki = key.spki()
    certificates.sort(key=lambda certificate: x509.parse(certificate).spki != spki)
    return key, certificates


def _data(info: Element) -> bytes:
    oid, holder = info.expect(reader.SEQUENCE).exactly(2)
    if oid.oid() != ids.DATA:
        raise Malformed("not data")
    return holder.expect(0xA0).first().octets()


def _require_mac(mac: Element, safe: bytes, secret: bytes) -> None:
    parts = mac.expect(reader.SEQUENCE).children()
    if len(parts) < 2:
        raise Malformed("not a MAC")
    stated = parts[0].exactly(2)[1].octets()
    rounds = _rounds(parts[2]) if len(parts) > 2 else 1
    key = derive(secret, parts[1].octets(), rounds, MAC, 20)
    if not hmac.compare_digest(hmac.digest(key, safe, "sha1"), stated):
        raise WrongPassword("wrong password")


def _contents(info: Element, secret: bytes) -> bytes:
    oid, holder = info.expect(reader.SEQUENCE).exactly(2)
    if oid.oid() == ids.DATA:
        return _data(info)
    if oid.oid() != ENCRYPTED_DATA:
        raise Malformed("unexpected content in a key file")
    _, content = holder.inside(reader.SEQUENCE).exactly(2)
    _, algorithm, encrypted = content.exactly(3)
    octets = encrypted.content
    if encrypted.tag == 0xA0:  # BER: the content in pieces
        octets = b"".join(piece.octets() for piece in encrypted.children())
    return _open(algorithm, octets, secret)


def _decrypted(shrouded: Element, secret: bytes) -> bytes:
    algorithm, encrypted = shrouded.exactly(2)
    return _open(algorithm, encrypted.octets(), secret)


def _open(algorithm: Element, encrypted: bytes, secret: bytes) -> bytes:
    oid, parameters = algorithm.exactly(2)
    salt, rounds = parameters.exactly(2)
    iv = derive(secret, salt.octets(), _rounds(rounds), IV, 8)
    if len(encrypted) % 8 or not encrypted:
        raise Malformed("not whole blocks")
    if oid.oid() == PBE_3DES:
        key = derive(secret, salt.octets(), _rounds(rounds), KEY, 24)
        machine = Cipher(TripleDES(key), CBC(iv)).decryptor()
        plain = machine.update(encrypted) + machine.finalize()
    elif oid.oid() == _PBE_RC2_40:
        key = derive(secret, salt.octets(), _rounds(rounds), KEY, 5)
        plain = rc2.decrypt_cbc(key, iv, encrypted)
    else:
        raise Malformed("an unexpected cipher in a key file")
    padding = plain[-1]
    if not 1 <= padding <= 8:
        raise WrongPassword("wrong password")
    return plain[:-padding]


def _rounds(element: Element) -> int:
    rounds = element.integer()
    if not 1 <= rounds <= MAX_ITERATIONS:
        raise Malformed("an unreasonable iteration count")
    return rounds


def derive(secret: bytes, salt: bytes, rounds: int, purpose: int, size: int) -> bytes:
    """The key derivation of RFC 7292 B.2 with SHA-1."""
    block = 64
    diversifier = bytes([purpose]) * block
    extended = b"".join(_repeated(part, block) for part in (salt, secret) if part)
    found = b""
    while len(found) < size:
        digest = diversifier + extended
        for _ in range(rounds):
            digest = hashlib.sha1(digest, usedforsecurity=False).digest()
        found += digest
        step = int.from_bytes((digest * 4)[:block], "big") + 1
        extended = b"".join(
            ((int.from_bytes(extended[n : n + block], "big") + step) % (1 << 8 * block)).to_bytes(
                block, "big"
            )
            for n in range(0, len(extended), block)
        )
    return found[:size]


def _repeated(part: bytes, block: int) -> bytes:
    """`part` repeated to whole blocks, as few as hold it once."""
    size = block * -(-len(part) // block)
    return (part * (size // len(part) + 1))[:size]


def _key(raw: bytes) -> SigningKey:
    """The key in a PrivateKeyInfo: GOST with d little-endian, or what `cryptography` reads."""
    fields = reader.read(raw, ber=True).expect(reader.SEQUENCE).children()
    if len(fields) < 3:
        raise Malformed("not a private key")
    oid = fields[1].first().oid()
    family = next((f for f in gost.FAMILIES.values() if f.key_oid == oid), None)
    if family is not None:
        inner = reader.read(fields[2].octets(), ber=True)
        if inner.tag == reader.INTEGER:  # the generation of 2004
            return gost.PrivateKey(family, inner.integer())
        return gost.PrivateKey(family, int.from_bytes(inner.octets(), "little"))
    try:
        key = serialization.load_der_private_key(raw, None)
    except ValueError:
        raise Malformed("not a private key") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Malformed("a key of another kind")
    return LibraryKey(key)
