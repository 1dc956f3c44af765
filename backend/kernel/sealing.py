"""Personal data at rest: sealed with AES-256-GCM under a rotating key ring, found by keyed hash.

A database dump without the ring tells nothing: identities are sealed, and look-ups by IIN or
phone go through HMAC-SHA-256. A seal names its key, so that old and new stand side by side while
everything is sealed anew (kernel/resealing.py); a hash of a person's number does too (kernel/keys.py).
"""

import hashlib
import hmac
import os
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_ID_BYTES = 4
KEYS_MAX = 255
MARK_BYTES = 1 + KEY_ID_BYTES  # a seal begins with a zero byte and the id of its key
PERSON_KEY = 1  # the first key persons are hashed with


class SealBroken(ValueError):
    """The sealed bytes, their context or the key do not belong together."""


class KeyMissing(SealBroken):
    """Sealed under a key that is not in the ring: its secret was taken out of SAQTAU_SECRET too early."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(
            f"sealed under the key {key_id.hex()}, which is not in the ring: "
            "its secret belongs into SAQTAU_SECRET until `saqtau registry rekey` has retired it"
        )


class Keyring(msgspec.Struct, frozen=True):
    """The sealing keys by id, the id new seals name, and the keys of keyed hashes.

    `person_keys` are the keys a person's number is hashed with, by their number, the newest first:
    one, and two while they are changed.
    """

    keys: Mapping[bytes, bytes]
    current: bytes
    lookup_key: bytes
    person_keys: tuple[tuple[int, bytes], ...]

    @classmethod
    def from_secret(cls, secret: str) -> "Keyring":
        """A ring derived from `SAQTAU_SECRET`; 'new,old': seal with the new one, open with both.

        The keys of keyed hashes are the oldest secret's until a database says otherwise
        (kernel/keys.py). ValueError without a secret, or when two make keys of one id.
        """
        parts = [p.strip().encode() for p in secret.split(",") if p.strip()]
        if not 1 <= len(parts) <= KEYS_MAX:
            raise ValueError(f"a key ring needs 1 to {KEYS_MAX} secrets")
        derived = [_derive(p, b"seal") for p in dict.fromkeys(parts)]
        keys = {_derive(key, b"id")[:KEY_ID_BYTES]: key for key in derived}
        if len(keys) < len(derived):
            raise ValueError("two secrets make keys of one id: choose another new secret")
        lookup_key = _derive(parts[-1], b"lookup")
        return cls(
            keys=keys,
            current=next(iter(keys)),
            lookup_key=lookup_key,
            person_keys=((PERSON_KEY, lookup_key),),
        )

    def __repr__(self) -> str:
        return f"Keyring({len(self.keys)} keys)"  # never the keys

    @property
    def mark(self) -> bytes:
        """How new seals begin."""
        return b"\0" + self.current

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Seal `plain`, bound to `context` (the row it belongs to): mark, nonce, ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return self.mark + nonce + AESGCM(self.keys[self.current]).encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `seal` made; never garbage.

        SealBroken when anything was changed or belongs elsewhere, KeyMissing when the key is away.
        """
        if sealed[:1] != b"\0":
            return self._open_unmarked(sealed, context)
        key_id = sealed[1:MARK_BYTES]
        key = self.keys.get(key_id)
        if key is None:
            raise KeyMissing(key_id)
        plain = _opened(key, sealed[MARK_BYTES:], context)
        if plain is None:
            raise SealBroken("the seal does not hold")
        return plain

    def _open_unmarked(self, sealed: bytes, context: bytes) -> bytes:
        """A seal from before keys had ids: one byte instead of the mark, the key's place of then."""
        for key in self.keys.values():
            plain = _opened(key, sealed[1:], context)
            if plain is not None:
                return plain
        raise SealBroken("the seal does not hold under any key of the ring")

    def lookup(self, kind: str, value: str) -> bytes:
        """The keyed hash under which `value` is found: 32 bytes, different for each `kind`."""
        return hmac.digest(self.lookup_key, f"{kind}:{value}".encode(), hashlib.sha256)

    def person_hashes(self, iin: str) -> dict[int, bytes]:
        """The keyed hashes of a person's number by the number of their key, the newest first."""
        return {
            number: hmac.digest(key, f"iin:{iin}".encode(), hashlib.sha256)
            for number, key in self.person_keys
        }


def _opened(key: bytes, sealed: bytes, context: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(b"saqtau:" + secret).digest(), purpose, hashlib.sha256)
