"""The three libraries for GOST say the same of every signature, sound or corrupted (issue 3).

`make test` takes a sample with the libraries that are there; `make prove` and `make test-system`
take two thousand of each, the latter with the OpenSSL engine, which is not ours.
"""

import os
import random
import secrets
from collections.abc import Iterator

import pytest

from backend.signing.algorithm import gost, openssl_gost
from backend.signing.algorithm.backend import GostBackend, SignatureBackend

SAMPLE, ALL = 60, 2_000
KEYS = 25  # a new key for every so many signatures: a plain table of multiples costs as much as one
OURS: list[SignatureBackend] = [GostBackend(), GostBackend(plain=True)]
FAMILIES = list(gost.FAMILIES.values())

Case = tuple[gost.Family, bytes, bytes, bytes]


def cases(seed: int, count: int) -> Iterator[tuple[Case, Case]]:
    """A signature that holds, and one that was corrupted after it was made."""
    chance = random.Random(seed)
    for number in range(count):
        family = FAMILIES[number % len(FAMILIES)]
        seed_of_key = b"%d %d" % (seed, number // len(FAMILIES) // KEYS)
        key = gost.PrivateKey.generate(family, seed_of_key)
        data = chance.randbytes(chance.randrange(200))
        signature = key.sign(data)
        good = (family, key.spki(), data, signature)
        yield good, corrupted(chance, good)


def corrupted(chance: random.Random, case: Case) -> Case:
    """One thing of a case changed: an octet or a bit of anything, the order, a number out of range."""
    family, spki, data, signature = case
    half = len(signature) // 2
    order = family.curve.q.to_bytes(half, "little")
    r, s = signature[:half], signature[half:]
    negative = (family.curve.q - int.from_bytes(s, "little")).to_bytes(half, "little")
    changed = chance.choice(
        [
            (spki, data, flipped(chance, signature)),
            (spki, data, flipped(chance, signature)),
            (spki, flipped(chance, data or b"\0") if data else b"\0", signature),
            (flipped(chance, spki), data, signature),
            (spki, data, signature[::-1]),
            (spki, data, s + r),
            (spki, data, r + negative),
            (spki, data, order + s),
            (spki, data, r + order),
            (spki, data, bytes(half) + s),
            (spki, data, r + bytes(half)),
            (spki, data, signature[: chance.randrange(len(signature))]),
            (spki, data, signature + b"\0"),
            (spki, data, chance.randbytes(len(signature))),
        ]
    )
    return (family, *changed)


def flipped(chance: random.Random, octets: bytes) -> bytes:
    """One bit another."""
    place = chance.randrange(len(octets))
    bit = bytes([octets[place] ^ 1 << chance.randrange(8)])
    return octets[:place] + bit + octets[place + 1 :]


def agree(backends: list[SignatureBackend], seed: int, count: int) -> None:
    """Every library finds the good ones good and the corrupted ones bad."""
    for good, bad in cases(seed, count):
        for (family, spki, data, signature), right in ((good, True), (bad, False)):
            answers = {b.name: b.verify(spki, family.algorithm, data, signature) for b in backends}
            assert set(answers.values()) == {right}, (
                answers, family.algorithm, spki.hex(), data.hex(), signature.hex(),
            )  # fmt: skip


def seed_of_run() -> int:
    return int(os.environ.get("SAQTAU_SEED") or secrets.randbits(32))


def test_a_sample_is_answered_alike() -> None:
    engine = openssl_gost.load()
    agree([*OURS, engine] if engine is not None else OURS, 20260302, SAMPLE)


@pytest.mark.prove
def test_two_thousand_are_answered_alike(record_property) -> None:
    record_property("seed", seed := seed_of_run())
    agree(OURS, seed, ALL)


@pytest.mark.system
def test_two_thousand_are_answered_alike_by_the_engine(record_property) -> None:
    record_property("seed", seed := seed_of_run())
    agree([*OURS, openssl_gost.OpensslGostBackend()], seed, ALL)
