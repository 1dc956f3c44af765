"""RC2 (RFC 2268), decryption only: the certificate bag of the NCA's .p12 files uses its 40-bit form."""

import struct

_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)


def _schedule(key: bytes) -> list[int]:
    """Sixty-four words from a key whose effective length is its own (RFC 2268 §2)."""
    octets = bytearray(key)
    for n in range(len(key), 128):
        octets.append(_PI[(octets[n - 1] + octets[n - len(key)]) & 255])
    octets[128 - len(key)] = _PI[octets[128 - len(key)]]
    for n in range(127 - len(key), -1, -1):
        octets[n] = _PI[octets[n + 1] ^ octets[n + len(key)]]
    return list(struct.unpack("<64H", bytes(octets)))


def _decrypt_block(keys: list[int], block: bytes) -> bytes:
    words = list(struct.unpack("<4H", block))
    place = 63
    for rounds, mashed in ((5, True), (6, True), (5, False)):
        for _ in range(rounds):
            for n, turn in ((3, 5), (2, 3), (1, 2), (0, 1)):
                word = (words[n] >> turn | words[n] << 16 - turn) & 0xFFFF
                mixed = words[n - 1] & words[n - 2]
                mixed += ~words[n - 1] & words[n - 3]
                words[n] = (word - keys[place] - mixed) & 0xFFFF
                place -= 1
        if mashed:
            for n in (3, 2, 1, 0):
                words[n] = (words[n] - keys[words[n - 1] & 63]) & 0xFFFF
    return struct.pack("<4H", *words)


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """The plain octets, padding included."""
    keys, found = _schedule(key), bytearray()
    for n in range(0, len(data), 8):
        plain = _decrypt_block(keys, data[n : n + 8])
        found += bytes(a ^ b for a, b in zip(plain, iv, strict=True))
        iv = data[n : n + 8]
    return bytes(found)
