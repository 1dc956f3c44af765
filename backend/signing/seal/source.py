"""Where a seal's key is: a PKCS#12 file, or a token named by a PKCS#11 URI (RFC 7512)."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import pkcs12 as library

from backend.signing.algorithm.keys import LibraryKey, SigningKey
from backend.signing.certificate import pkcs12, x509
from backend.signing.der.reader import Malformed
from backend.signing.seal.pkcs11 import TokenKey, TokenUnusable

SCHEME = "pkcs11:"


class SourceUnusable(ValueError):
    """A seal's key cannot be opened; the text names the place and the reason, never the password."""


class SealKey(NamedTuple):
    """A key, its certificate, and those above it, issuer first."""

    key: SigningKey
    certificate: bytes
    above: tuple[bytes, ...]


def open_key(place: str, password: str) -> SealKey:
    """Open what `place` names. Raises SourceUnusable."""
    if place.startswith(SCHEME):
        return _from_token(place, password)
    try:
        raw = Path(place).read_bytes()
    except OSError as e:
        raise SourceUnusable(f"{place}: {e.strerror or 'cannot be read'}") from None
    try:
        key, certificates = _from_file(raw, password)
    except pkcs12.WrongPassword:
        raise SourceUnusable(f"{place}: wrong password") from None
    except ValueError as e:
        raise SourceUnusable(f"{place}: {e}") from None
    return _seal_key(place, key, certificates)


def _from_file(raw: bytes, password: str) -> tuple[SigningKey, list[bytes]]:
    """Our own reader knows the NCA's files; newer ones of RSA keys (PBES2) are `cryptography`'s."""
    try:
        return pkcs12.read(raw, password)
    except ValueError as ours:
        try:
            key, own, others = library.load_key_and_certificates(raw, password.encode())
        except ValueError:
            raise ours from None
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise Malformed("a key of another kind") from None
        found = [one for one in (own, *others) if one is not None]
        return LibraryKey(key), [one.public_bytes(Encoding.DER) for one in found]


def _from_token(place: str, password: str) -> SealKey:
    """RFC 7512: `pkcs11:token=…;object=…?module-path=…[&pin-source=file:…]`."""
    parts = urlsplit(place)
    path = dict(item.partition("=")[::2] for item in parts.path.split(";") if item)
    query = dict(parse_qsl(parts.query.replace("+", "%2B")))
    where = place.partition("?")[0]
    if "token" not in path or "module-path" not in query:
        raise SourceUnusable(f"{where}: token and module-path must be named")
    if "pin-value" in query:
        raise SourceUnusable(f"{where}: a PIN in an address would be seen; name a pin-source")
    pin = password
    if "pin-source" in query:
        pin = read_secret(query["pin-source"].removeprefix("file:"))
    label = unquote(path["object"]) if "object" in path else None
    try:
        key = TokenKey(query["module-path"], unquote(path["token"]), label, pin)
    except TokenUnusable as e:
        raise SourceUnusable(f"{where}: {e}") from None
    return _seal_key(where, key, key.certificates)


def _seal_key(place: str, key: SigningKey, certificates: list[bytes]) -> SealKey:
    """Order what was found. The certificate must be the key's."""
    try:
        parsed = [x509.parse(raw) for raw in certificates]
    except Malformed as e:
        raise SourceUnusable(f"{place}: {e}") from None
    if not parsed or parsed[0].spki != key.spki():
        raise SourceUnusable(f"{place}: no certificate for the key")
    chain = parsed[:1]
    while above := [c for c in parsed if c.subject == chain[-1].issuer and c not in chain]:
        chain.append(above[0])
    own, *rest = (certificate.raw for certificate in chain)
    return SealKey(key, own, tuple(rest))


def read_secret(file: str) -> str:
    """The password in a file, without the line's end. Raises SourceUnusable."""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as e:
        raise SourceUnusable(f"{file}: {getattr(e, 'strerror', None) or 'not text'}") from None
