"""Streebog, GOST 34.11-2015 (RFC 6986): 512 and 256 bits, octets in the RFC's order.

Plain Python is the reference (half a megabyte a second). The OpenSSL engine computes where it was
chosen (`use`), four hundred times as fast. Else the native library of `streebog-lc` does the bulk, bounded
by three findings of ours: it forgets the padding block of a message whose length is a multiple of 64
octets (those stay with plain Python), it never frees its answer (we do), and its runtime does not
survive fork() (a forked child returns to plain Python).
"""

import ctypes
import importlib.util
import os
import struct
from collections.abc import Callable
from pathlib import Path

from backend.signing.algorithm.streebog_constants import MATRIX, PI, ROUNDS

_BLOCK = 64
_MODULUS = 1 << 512
_C_INT_MAX = 2**31 - 1
_START_512, _START_256 = 0, int.from_bytes(b"\x01" * 64, "little")
_pack_words = struct.Struct("<8Q").pack


def _column_table(column: int) -> list[int]:
    """What each octet of one column adds to a row: substitution and matrix in one look-up."""
    table = []
    for octet in range(256):
        value, substituted = 0, PI[octet]
        for bit in range(8):
            if substituted >> bit & 1:
                value ^= MATRIX[63 - 8 * column - bit]
        table.append(value)
    return table


_T0, _T1, _T2, _T3, _T4, _T5, _T6, _T7 = (_column_table(column) for column in range(8))


def _lps(state: int) -> int:
    """Substitution, permutation, linear map (RFC 6986 §7), on a little-endian state."""
    b = state.to_bytes(64, "little")
    rows = zip(
        b[:8], b[8:16], b[16:24], b[24:32], b[32:40], b[40:48], b[48:56], b[56:], strict=True
    )
    return int.from_bytes(
        _pack_words(
            *[
                _T0[s0] ^ _T1[s1] ^ _T2[s2] ^ _T3[s3] ^ _T4[s4] ^ _T5[s5] ^ _T6[s6] ^ _T7[s7]
                for s0, s1, s2, s3, s4, s5, s6, s7 in rows
            ]
        ),
        "little",
    )


def _compress(length: int, state: int, block: int) -> int:
    """The compression function g_N (RFC 6986 §8)."""
    key, text = _lps(state ^ length), block
    for constant in ROUNDS:
        text = _lps(text ^ key)
        key = _lps(key ^ constant)
    return text ^ key ^ state ^ block


def plain(data: bytes, *, bits: int = 512) -> bytes:
    """The digest in plain Python (about 0.5 MB/s)."""
    state, length, checksum = (_START_512 if bits == 512 else _START_256), 0, 0
    whole = len(data) // _BLOCK * _BLOCK
    for at in range(0, whole, _BLOCK):
        block = int.from_bytes(data[at : at + _BLOCK], "little")
        state = _compress(length, state, block)
        length = (length + 512) % _MODULUS
        checksum = (checksum + block) % _MODULUS
    tail = data[whole:]
    block = int.from_bytes(tail + b"\x01", "little")
    state = _compress(length, state, block)
    length = (length + 8 * len(tail)) % _MODULUS
    checksum = (checksum + block) % _MODULUS
    state = _compress(0, _compress(0, state, length), checksum)
    return state.to_bytes(64, "little")[0 if bits == 512 else 32 :]


class _Native:
    """The C entries of `streebog-lc`, called so that nothing leaks."""

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

    def digest(self, data: bytes, bits: int) -> bytes:
        if len(data) % _BLOCK == 0 or len(data) > _C_INT_MAX:
            return plain(data, bits=bits)
        answer = self._entries[bits](data, len(data))
        try:
            return bytes.fromhex(ctypes.string_at(answer).decode("ascii"))
        finally:
            self._free(answer)


def _answers(native: Callable[[bytes, int], bytes]) -> bool:
    """Does a library say what the reference says?"""
    samples = (bytes(range(size)) for size in (0, 1, 63, 64, 65, 128, 200))
    return all(native(s, bits) == plain(s, bits=bits) for s in samples for bits in (512, 256))


def use(native: Callable[[bytes, int], bytes] | None) -> bool:
    """Let `native(data, bits)` compute from now on, if it answers as the reference does.

    None returns to what this module finds by itself.
    """
    global _native, _tried
    if native is not None and not _answers(native):
        return False
    _native, _tried = native, native is not None
    return True


def _load() -> Callable[[bytes, int], bytes] | None:
    """The native digest, when it loads and answers as the reference does."""
    try:
        native = _Native()
    except (OSError, AttributeError, ValueError):
        return None
    return native.digest if _answers(native.digest) else None


_native: Callable[[bytes, int], bytes] | None = None
_tried = False


def _forget_native() -> None:
    """A child of fork() stays with plain Python if its parent had the library running."""
    global _native  # noqa: PLW0603  (the library is one for the process)
    _native = None


os.register_at_fork(after_in_child=_forget_native)


def digest(data: bytes, *, bits: int = 512) -> bytes:
    """The Streebog digest of `data`: 64 octets, or 32 for `bits=256`."""
    global _native, _tried
    if not _tried:
        _native, _tried = _load(), True
    return plain(data, bits=bits) if _native is None else _native(data, bits)
