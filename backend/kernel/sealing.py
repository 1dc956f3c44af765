"""Personal data at rest: sealed with AES-256-GCM under a rotating key ring, found by keyed hash.

A database dump without the ring tells nothing: identities are sealed, and look-ups by IIN or
phone go through HMAC-SHA-256 with a key of its own.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEYS_MAX = 255  # a seal begins with one byte, its key's number


class SealBroken(ValueError):
    """The sealed bytes, their context or the key do not belong together."""


class Keyring(msgspec.Struct, frozen=True):
    """The sealing keys by number, the number new seals use, and the look-up key."""

    keys: Mapping[int, bytes]
    current: int
    lookup_key: bytes

    @classmethod
    def from_secret(cls, secret: str) -> "Keyring":
        """A ring derived from one secret (`SAQTAU_SECRET`); 'new,old' keeps old seals readable.

        Keys are numbered from the last (oldest) secret, of which the look-up key is derived too: a
        new secret goes in front, and none is ever taken out. ValueError without a secret.
        """
        parts = [p.strip().encode() for p in secret.split(",") if p.strip()]
        if not 1 <= len(parts) <= KEYS_MAX:
            raise ValueError(f"a key ring needs 1 to {KEYS_MAX} secrets")
        total = len(parts)
        keys = {total - i: _derive(p, b"seal") for i, p in enumerate(parts)}
        return cls(keys=keys, current=total, lookup_key=_derive(parts[-1], b"lookup"))

    def __repr__(self) -> str:
        return f"Keyring({len(self.keys)} keys)"  # never the keys

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Seal `plain`, bound to `context` (the row it belongs to): key number, nonce, ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, plain, context)
        return bytes([self.current]) + nonce + sealed

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `seal` made; SealBroken when anything was changed or belongs elsewhere."""
        key = self.keys.get(sealed[0]) if sealed else None
        if key is None:
            raise SealBroken("sealed under a key that is not in the ring")
        try:
            return AESGCM(key).decrypt(
                sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], context
            )
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise SealBroken("the seal does not hold") from None

    def lookup(self, kind: str, value: str) -> bytes:
        """The keyed hash under which `value` is found: 32 bytes, different for each `kind`."""
        return hmac.digest(self.lookup_key, f"{kind}:{value}".encode(), hashlib.sha256)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(b"saqtau:" + secret).digest(), purpose, hashlib.sha256)
