"""GOST by the OpenSSL engine (Debian: libengine-gost-openssl), through the system's libcrypto.

Kazakhstan's 34.10-2015 is Russia's 34.10-2012 under other identifiers and with the octets of a
signature read backwards (ECP.md §1.2): the key gets its Russian names, the signature is reversed,
and the engine checks it. Three to four times as fast as our own code; absent, nothing is lost.
"""

import ctypes
import ctypes.util
from functools import lru_cache
from typing import Any

from backend.signing.algorithm import gost
from backend.signing.der import reader, writer
from backend.signing.der.reader import Malformed

# ours -> (key, curve, digest parameters) in Russia's identifiers (RFC 9215, RFC 4491)
_RUSSIAN = {
    "gost2015-512": ("1.2.643.7.1.1.1.2", "1.2.643.7.1.2.1.2.1", "1.2.643.7.1.1.2.3"),
    "gost2015-256": ("1.2.643.7.1.1.1.1", "1.2.643.7.1.2.1.1.1", "1.2.643.7.1.1.2.2"),
    "gost2004": ("1.2.643.2.2.19", "1.2.643.2.2.35.1", "1.2.643.2.2.30.1"),
}
_STREEBOG_NIDS = {256: 982, 512: 983}  # NID_id_GostR3411_2012_256, _512 (obj_mac.h)
_INIT_ENGINE_DYNAMIC = 0x00000400  # OPENSSL_INIT_ENGINE_DYNAMIC
_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "OPENSSL_init_crypto": (ctypes.c_int, [ctypes.c_uint64, _POINTER]),
    "ENGINE_by_id": (_POINTER, [ctypes.c_char_p]),
    "ENGINE_init": (ctypes.c_int, [_POINTER]),
    "ENGINE_register_pkey_meths": (ctypes.c_int, [_POINTER]),
    "ENGINE_register_pkey_asn1_meths": (ctypes.c_int, [_POINTER]),
    "d2i_PUBKEY": (_POINTER, [_POINTER, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long]),
    "EVP_PKEY_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_new": (_POINTER, [_POINTER, _POINTER]),
    "EVP_PKEY_CTX_free": (None, [_POINTER]),
    "EVP_PKEY_verify_init": (ctypes.c_int, [_POINTER]),
    "EVP_PKEY_verify": (
        ctypes.c_int,
        [_POINTER, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t],
    ),
    "ENGINE_get_digest": (_POINTER, [_POINTER, ctypes.c_int]),
    "EVP_Digest": (
        ctypes.c_int,
        [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, _POINTER, _POINTER, _POINTER],
    ),
    "ERR_clear_error": (None, []),
}


class EngineMissing(OSError):
    """There is no libcrypto 3, or no gost engine for it."""


class _Key:
    """An EVP_PKEY, freed with its Python owner."""

    def __init__(self, library: Any, pointer: int) -> None:
        self._library, self.pointer = library, pointer

    def __del__(self) -> None:
        self._library.EVP_PKEY_free(self.pointer)


class OpensslGostBackend:
    """A SignatureBackend over the gost engine. Raises EngineMissing when it cannot be loaded."""

    name = "openssl-gost"
    algorithms = frozenset(_RUSSIAN)

    def __init__(self) -> None:
        name = ctypes.util.find_library("crypto")
        try:
            self._library = ctypes.CDLL(name or "libcrypto.so.3")
            for function, (result, arguments) in _SIGNATURES.items():
                found = getattr(self._library, function)
                found.restype, found.argtypes = result, arguments
        except (OSError, AttributeError) as e:
            raise EngineMissing(str(e)) from None
        self._library.OPENSSL_init_crypto(_INIT_ENGINE_DYNAMIC, None)
        self._engine = self._library.ENGINE_by_id(b"gost")
        if not self._engine or not self._library.ENGINE_init(self._engine):
            self._library.ERR_clear_error()
            raise EngineMissing("no gost engine")
        self._library.ENGINE_register_pkey_meths(self._engine)
        self._library.ENGINE_register_pkey_asn1_meths(self._engine)
        self._digests = {
            bits: self._library.ENGINE_get_digest(self._engine, nid)
            for bits, nid in _STREEBOG_NIDS.items()
        }
        if not all(self._digests.values()):
            raise EngineMissing("the gost engine has no Streebog")
        self._keys = lru_cache(maxsize=1024)(self._load)

    def verify(self, spki: bytes, algorithm: str, data: bytes, signature: bytes) -> bool:
        """See SignatureBackend."""
        try:
            key = gost.public_key(spki)  # the point is ours to check, whoever computes
        except gost.BadKey:
            return False
        if key.family.algorithm != algorithm or len(signature) != 2 * key.curve.size:
            return False
        loaded = self._keys(spki, algorithm)
        if loaded is None:
            return False
        context = self._library.EVP_PKEY_CTX_new(loaded.pointer, self._engine)
        try:
            if self._library.EVP_PKEY_verify_init(context) != 1:
                return False
            digest, backwards = key.family.digest(data), signature[::-1]
            found = self._library.EVP_PKEY_verify(
                context, backwards, len(backwards), digest, len(digest)
            )
        finally:
            self._library.EVP_PKEY_CTX_free(context)
            self._library.ERR_clear_error()
        return bool(found == 1)

    def streebog(self, data: bytes, bits: int) -> bytes:
        """The Streebog digest of `data`, 256 or 512 bits (about 200 MB/s)."""
        found = ctypes.create_string_buffer(bits // 8)
        done = self._library.EVP_Digest(
            data, len(data), found, None, self._digests[bits], self._engine
        )
        assert done == 1, "the engine does not digest"
        return found.raw

    def _load(self, spki: bytes, algorithm: str) -> _Key | None:
        names = _RUSSIAN[algorithm]
        try:
            bits = reader.read(spki).exactly(2)[1].raw
        except Malformed:
            return None
        parameters = writer.sequence(writer.oid(names[1]), writer.oid(names[2]))
        renamed = writer.sequence(writer.sequence(writer.oid(names[0]), parameters), bits)
        start = ctypes.c_char_p(renamed)
        pointer = self._library.d2i_PUBKEY(None, ctypes.byref(start), len(renamed))
        return _Key(self._library, pointer) if pointer else None


def load() -> OpensslGostBackend | None:
    """The engine's backend, or None where it is not installed."""
    try:
        return OpensslGostBackend()
    except EngineMissing:
        return None
