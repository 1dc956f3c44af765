"""GOST 34.311-95 (GOST R 34.11-94, RFC 5831) with the *test* parameter set.

The National Certification Centre's old generation uses the S-boxes RFC 5831 §11.2 calls "test
parameter set", not the CryptoPro ones (ECP.md §1.1). Octets are read little-endian throughout.
"""

import struct
from functools import lru_cache

from backend.signing.algorithm.streebog_native import Libgcrypt

# RFC 5831 §11.2 (RFC 4357 "id-GostR3411-94-TestParamSet"): K1 works on the lowest four bits
_BOXES = (
    (4, 10, 9, 2, 13, 8, 0, 14, 6, 11, 1, 12, 7, 15, 5, 3),
    (14, 11, 4, 12, 6, 13, 15, 10, 2, 3, 8, 1, 0, 7, 5, 9),
    (5, 8, 1, 13, 10, 3, 4, 2, 14, 15, 12, 7, 6, 0, 9, 11),
    (7, 13, 10, 1, 0, 8, 9, 15, 14, 4, 6, 12, 11, 2, 5, 3),
    (6, 12, 7, 1, 5, 15, 13, 8, 4, 10, 9, 14, 0, 3, 11, 2),
    (4, 11, 10, 0, 7, 2, 1, 13, 3, 6, 8, 5, 9, 12, 15, 14),
    (13, 11, 4, 1, 3, 15, 5, 9, 0, 10, 14, 7, 6, 8, 2, 12),
    (1, 15, 13, 0, 5, 7, 10, 4, 9, 2, 3, 14, 6, 11, 8, 12),
)
_MASK32, _MASK64, _MASK256 = 2**32 - 1, 2**64 - 1, 2**256 - 1


def _rotated(low: int, pair: int) -> int:
    """Two S-boxes on the octet `low` at octet place `pair`, then the rotation by 11."""
    value = (_BOXES[2 * pair + 1][low >> 4] << 4 | _BOXES[2 * pair][low & 15]) << 8 * pair
    return (value << 11 | value >> 21) & _MASK32


_S0, _S1, _S2, _S3 = ([_rotated(low, pair) for low in range(256)] for pair in range(4))
_C3 = 0xFF00FFFF000000FFFF0000FF00FFFF0000FF00FF00FF00FFFF00FF00FF00FF00


def _encrypt(block: int, key: int) -> int:
    """GOST 28147-89 in ECB: one 64-bit block under a 256-bit key."""
    words = struct.unpack("<8I", key.to_bytes(32, "little"))
    left, right = block & _MASK32, block >> 32
    for k in (*words * 3, *reversed(words)):
        t = (left + k) & _MASK32
        left, right = (
            right ^ _S0[t & 255] ^ _S1[t >> 8 & 255] ^ _S2[t >> 16 & 255] ^ _S3[t >> 24],
            left,
        )
    return left << 32 | right


def _a(y: int) -> int:
    """The map A: y1 xor y2 becomes the highest quarter."""
    return y >> 64 | ((y ^ y >> 64) & _MASK64) << 192


def _p(y: int) -> int:
    """The permutation P: octet i + 4k goes from octet 8i + k."""
    raw = y.to_bytes(32, "little")
    return int.from_bytes(bytes(raw[8 * i + k] for k in range(8) for i in range(4)), "little")


def _psi(words: list[int], times: int) -> list[int]:
    """The shuffling map psi on sixteen 16-bit words, `times` times."""
    for _ in range(times):
        words = [
            *words[1:],
            words[0] ^ words[1] ^ words[2] ^ words[3] ^ words[12] ^ words[15],
        ]
    return words


def _words(value: int) -> list[int]:
    return list(struct.unpack("<16H", value.to_bytes(32, "little")))


def _step(state: int, block: int) -> int:
    """The step function (RFC 5831 §5): keys, encryption, shuffling."""
    u, v, encrypted = state, block, 0
    for number in range(4):
        if number:
            u = _a(u) ^ (_C3 if number == 2 else 0)
            v = _a(_a(v))
        part = _encrypt(state >> 64 * number & _MASK64, _p(u ^ v))
        encrypted |= part << 64 * number
    shuffled = _psi(_words(encrypted), 12)
    mixed = _psi([a ^ b for a, b in zip(shuffled, _words(block), strict=True)], 1)
    final = _psi([a ^ b for a, b in zip(mixed, _words(state), strict=True)], 61)
    return int.from_bytes(struct.pack("<16H", *final), "little")


@lru_cache(maxsize=1)
def _library() -> Libgcrypt | None:
    try:
        return Libgcrypt()
    except OSError:  # not a Debian
        return None


def digest(data: bytes) -> bytes:
    """The 32 octets of GOST 34.311-95 over `data`, by a library where there is one."""
    library = _library()
    return digest_plainly(data) if library is None else library.gost94(data)


def digest_plainly(data: bytes) -> bytes:
    """`digest` in plain Python (about 0.15 MB/s)."""
    state = checksum = 0
    for at in range(0, len(data), 32):
        block = int.from_bytes(data[at : at + 32], "little")
        state = _step(state, block)
        checksum = (checksum + block) & _MASK256
    state = _step(_step(state, 8 * len(data)), checksum)
    return state.to_bytes(32, "little")
