"""The OpenSSL gost engine, an implementation not ours, says the same (Debian: libengine-gost-openssl)."""

import hashlib

import pytest

from backend.signing.algorithm import gost, openssl_gost
from backend.signing.algorithm.backend import GostBackend, SignatureBackend

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def engine() -> openssl_gost.OpensslGostBackend:
    return (
        openssl_gost.OpensslGostBackend()
    )  # absent here: a failure, this is the system's own test


@pytest.mark.parametrize("algorithm", list(gost.FAMILIES))
def test_three_backends_agree(engine, algorithm: str) -> None:
    backends: list[SignatureBackend] = [engine, GostBackend(), GostBackend(plain=True)]
    family = gost.FAMILIES[algorithm]
    for number in range(40):
        noise = hashlib.sha512(b"%d" % number).digest()
        key = gost.PrivateKey.generate(family, noise[:8])
        spki, data = key.spki(), noise * (number % 5)
        signature = key.sign(data)
        broken = bytearray(signature)
        broken[noise[1] % len(broken)] ^= 1 << noise[2] % 8
        extreme = b"\xff" * len(signature) if number % 2 else bytes(len(signature))
        cases = [
            (signature, data),
            (bytes(broken), data),
            (signature, data + b"!"),
            (extreme, data),
        ]
        for given, over in cases:
            answers = {b.name: b.verify(spki, algorithm, over, given) for b in backends}
            assert set(answers.values()) == {given == signature and over == data}, answers
