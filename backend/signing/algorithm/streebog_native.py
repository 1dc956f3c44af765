"""Libraries that know Streebog, one of them GOST 34.311-95 too, asked through ctypes. Each raises OSError where it is not to be had.

`Libgcrypt` is on every Debian (apt needs it), 180 MB/s. `StreebogLc` comes from PyPI, 12 MB/s, and is bounded
by three findings of ours: it forgets the padding block of a message whose length is a multiple of 64
octets, it never frees its answer, and its runtime does not survive fork().
"""

import ctypes
import importlib.util
from pathlib import Path


class Libgcrypt:
    """GnuPG's library."""

    _STRIBOG = {256: 309, 512: 310}  # noqa: RUF012  (gcrypt.h: GCRY_MD_STRIBOG256, _512)
    _GOST_94 = 308  # GCRY_MD_GOSTR3411_94: with the test parameter set

    def __init__(self) -> None:
        library = ctypes.CDLL("libgcrypt.so.20")
        library.gcry_check_version.argtypes = [ctypes.c_char_p]
        library.gcry_check_version.restype = ctypes.c_char_p
        if not library.gcry_check_version(None):  # this call also makes it ready
            raise OSError("libgcrypt does not start")
        self._hash = library.gcry_md_hash_buffer
        self._hash.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
        self._hash.restype = None

    def digest(self, data: bytes, bits: int) -> bytes:
        """The digest of `data`, 256 or 512 bits."""
        found = ctypes.create_string_buffer(bits // 8)
        self._hash(self._STRIBOG[bits], found, data, len(data))
        return found.raw

    def gost94(self, data: bytes) -> bytes:
        """The digest of `data` by GOST 34.311-95, about 10 MB/s."""
        found = ctypes.create_string_buffer(32)
        self._hash(self._GOST_94, found, data, len(data))
        return found.raw


class StreebogLc:
    """The C entries of `streebog-lc`, called so that nothing leaks."""

    _BLOCK = 64
    _MAX_BYTES = 2**31 - 1

    def __init__(self) -> None:
        package = importlib.util.find_spec("streebog_lc")
        if package is None or package.origin is None:
            raise OSError("streebog-lc is not here")
        folder = Path(package.origin).parent / "streebog_go"
        library = ctypes.CDLL(str(folder / "streebog_go.so"))
        self._free = ctypes.CDLL(None).free
        self._free.argtypes, self._free.restype = [ctypes.c_void_p], None
        self._entries = {512: library.Hash512BytesWrapper, 256: library.Hash256BytesWrapper}
        for entry in self._entries.values():
            entry.argtypes, entry.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p

    def digest(self, data: bytes, bits: int) -> bytes | None:
        """The digest of `data`, 256 or 512 bits; None for lengths it gets wrong."""
        if len(data) % self._BLOCK == 0 or len(data) > self._MAX_BYTES:
            return None
        answer = self._entries[bits](data, len(data))
        try:
            return bytes.fromhex(ctypes.string_at(answer).decode("ascii"))
        finally:
            self._free(answer)
