"""Key files as the NCA hands them out: PKCS#12 under ciphers of 1999, which only protect a file.

For the sandbox and for tests. The NCA's own keep certificates under RC2-40; ours keep both under 3DES.
"""

import hmac
import secrets

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC

from backend.signing.algorithm import gost, keys
from backend.signing.certificate import pkcs12
from backend.signing.cms import identifiers as ids
from backend.signing.der import writer
from infra.sandbox.nca.keypair import KeyPair

_ROUNDS = 1024
_X509 = "1.2.840.113549.1.9.22.1"
_SHA1 = "1.3.14.3.2.26"


def dump(pair: KeyPair, password: str) -> bytes:
    """The pair and the certificates above it as a .p12 file."""
    secret = password.encode("utf-16-be") + b"\0\0"
    shrouded = _bag(pkcs12.SHROUDED_KEY, _shrouded(_private_key(pair.key), secret))
    certificates = [
        _bag(
            pkcs12.CERTIFICATE,
            writer.sequence(writer.oid(_X509), writer.explicit(0, writer.octet_string(one))),
        )
        for one in (pair.certificate_der, *pair.chain)
    ]
    safe = writer.sequence(
        _encrypted(writer.sequence(*certificates), secret), _data(writer.sequence(shrouded))
    )
    salt = secrets.token_bytes(8)
    key = pkcs12.derive(secret, salt, _ROUNDS, pkcs12.MAC, 20)
    digest = writer.sequence(
        writer.sequence(writer.oid(_SHA1), writer.null()),
        writer.octet_string(hmac.digest(key, safe, "sha1")),
    )
    mac = writer.sequence(digest, writer.octet_string(salt), writer.integer(_ROUNDS))
    return writer.sequence(writer.integer(3), _data(safe), mac)


def _private_key(key: keys.SigningKey) -> bytes:
    """PrivateKeyInfo: d little-endian in an OCTET STRING, as the NCA writes it (ECP.md §1.2)."""
    if isinstance(key, gost.PrivateKey):
        family = key.family
        parameters = writer.sequence(*map(writer.oid, family.key_parameters))
        octets = writer.octet_string(key.secret.to_bytes(key.curve.size, "little"))
        return writer.sequence(
            writer.integer(0),
            writer.sequence(writer.oid(family.key_oid), parameters),
            writer.octet_string(octets),
        )
    assert isinstance(key, keys.LibraryKey)
    return key.pkcs8()


def _bag(kind: str, value: bytes) -> bytes:
    return writer.sequence(writer.oid(kind), writer.explicit(0, value))


def _data(octets: bytes) -> bytes:
    return writer.sequence(writer.oid(ids.DATA), writer.explicit(0, writer.octet_string(octets)))


def _encrypted(octets: bytes, secret: bytes) -> bytes:
    algorithm, encrypted = _cipher(octets, secret)
    content = writer.sequence(writer.oid(ids.DATA), algorithm, writer.implicit(0, encrypted))
    data = writer.sequence(writer.integer(0), content)
    return writer.sequence(writer.oid(pkcs12.ENCRYPTED_DATA), writer.explicit(0, data))


def _shrouded(octets: bytes, secret: bytes) -> bytes:
    algorithm, encrypted = _cipher(octets, secret)
    return writer.sequence(algorithm, writer.octet_string(encrypted))


def _cipher(octets: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """3DES under the password; its AlgorithmIdentifier and the blocks."""
    salt = secrets.token_bytes(8)
    key = pkcs12.derive(secret, salt, _ROUNDS, pkcs12.KEY, 24)
    iv = pkcs12.derive(secret, salt, _ROUNDS, pkcs12.IV, 8)
    padding = 8 - len(octets) % 8
    machine = Cipher(TripleDES(key), CBC(iv)).encryptor()
    encrypted = machine.update(octets + bytes([padding]) * padding) + machine.finalize()
    parameters = writer.sequence(writer.octet_string(salt), writer.integer(_ROUNDS))
    return writer.sequence(writer.oid(pkcs12.PBE_3DES), parameters), encrypted
