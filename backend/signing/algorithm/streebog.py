"""Streebog, GOST 34.11-2015 (RFC 6986): 512 and 256 bits, octets in the RFC's order.

Plain Python is the reference (half a megabyte a second). The OpenSSL engine computes where it was
chosen (`use`), else the first library of `streebog_native` that is here: four hundred times as fast.
"""

import os
import struct
from collections.abc import Callable

from backend.signing.algorithm.streebog_constants import MATRIX, PI, ROUNDS
from backend.signing.algorithm.streebog_native import Libgcrypt, StreebogLc

_BLOCK = 64
_MODULUS = 1 << 512
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


Native = Callable[[bytes, int], bytes | None]  # None: compute this one yourself


def _answers(native: Native) -> bool:
    """Does a library say what the reference says, also where the sum of the blocks carries?"""
    samples = [bytes(range(size)) for size in (0, 1, 63, 64, 65, 128, 200)]
    samples += [b"\xff" * 128, b"\xff" * 64 + b"\x01", b"\xff" * 200]
    return all(
        native(s, bits) in (None, plain(s, bits=bits)) for s in samples for bits in (512, 256)
    )


def use(native: Native | None) -> bool:
    """Let `native(data, bits)` compute from now on, if it answers as the reference does.

    None returns to what this module finds by itself.
    """
    global _native, _tried
    if native is not None and not _answers(native):
        return False
    _native, _tried = native, native is not None
    return True


def _load() -> Native | None:
    """The first library that loads and answers as the reference does."""
    for library in (Libgcrypt, StreebogLc):
        try:
            native: Native = library().digest
        except (OSError, AttributeError, ValueError):
            continue
        if _answers(native):
            return native
    return None


_native: Native | None = None
_tried = False


def _after_fork() -> None:
    """A child of fork() stays with plain Python if its parent had the Go runtime running."""
    global _native  # noqa: PLW0603  (the library is one for the process)
    if isinstance(getattr(_native, "__self__", None), StreebogLc):
        _native = None


os.register_at_fork(after_in_child=_after_fork)


def digest(data: bytes, *, bits: int = 512) -> bytes:
    """The Streebog digest of `data`: 64 octets, or 32 for `bits=256`."""
    global _native, _tried
    if not _tried:
        _native, _tried = _load(), True
    found = _native(data, bits) if _native is not None else None
    return plain(data, bits=bits) if found is None else found
