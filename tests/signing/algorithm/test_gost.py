import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.algorithm import gost, gost94
from backend.signing.algorithm.backend import GostBackend
from backend.signing.algorithm.curve import Curve, NotOnCurve

FAMILIES = list(gost.FAMILIES.values())
FAST, PLAIN = GostBackend(), GostBackend(plain=True)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.algorithm)
def test_the_base_point_has_the_stated_order(family: gost.Family) -> None:
    curve = Curve(family.curve)
    curve.point(*curve.base)
    assert curve.multiply(curve.q, curve.base) is None
    assert curve.multiply_base(curve.q - 1) == (curve.base[0], curve.p - curve.base[1])


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(FAMILIES), st.binary(max_size=100), st.binary(min_size=1, max_size=16))
def test_a_signature_holds_and_no_changed_one_does(family, data: bytes, seed: bytes) -> None:
    key = gost.PrivateKey.generate(family, seed)
    spki, signature = key.spki(), key.sign(data)
    assert FAST.verify(spki, family.algorithm, data, signature)
    assert PLAIN.verify(spki, family.algorithm, data, signature)
    place = seed[0] % len(signature)
    broken = bytearray(signature)
    broken[place] ^= 1 << seed[0] % 8
    for backend in (FAST, PLAIN):
        assert not backend.verify(spki, family.algorithm, data, bytes(broken))
        assert not backend.verify(spki, family.algorithm, data + b"x", signature)
        assert not backend.verify(spki, family.algorithm, data, signature[::-1])


def test_numbers_out_of_range_are_refused() -> None:
    key = gost.PrivateKey.generate(seed=b"range")
    q = int(key.curve.q)
    good = key.sign(b"data")
    r, s = good[:64], good[64:]
    over = (int.from_bytes(s, "little") + q).to_bytes(65, "little")
    for forged in (
        b"", good[:-1], good + b"\0", bytes(128), r + bytes(64), bytes(64) + s,
        q.to_bytes(64, "little") + s, r + q.to_bytes(64, "little"), r + over[:64],
        b"\xff" * 128,
    ):  # fmt: skip
        assert not FAST.verify(key.spki(), "gost2015-512", b"data", forged)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.algorithm)
def test_a_key_off_the_curve_is_refused(family: gost.Family) -> None:
    good = bytearray(gost.PrivateKey.generate(family, b"off").spki())
    good[-1] ^= 1
    with pytest.raises(gost.BadKey):
        gost.public_key(bytes(good))
    for garbage in (b"", b"\x30\x00", bytes(40), bytes(good[:-5])):
        with pytest.raises(gost.BadKey):
            gost.public_key(garbage)


def test_a_point_outside_the_prime_order_group_is_refused() -> None:
    """The 256-bit curve of 2015 has cofactor 4: a point of order 2 lies on it."""
    curve = Curve(gost.GOST2015_256.curve)
    x = next(x for x in _roots_of_the_cubic(curve))
    with pytest.raises(NotOnCurve):
        curve.point(x, 0)


def _roots_of_the_cubic(curve: Curve):
    """x with y = 0; from the Edwards form the twisted curve has one at x = (a+d)/6 ... scaled."""
    p = curve.p
    # gcd(x^p - x, f) is linear when f has one root: compute x^p mod f by square and multiply
    f = (curve.b % p, curve.a % p, 0)  # x^3 = -a x - b

    def times(u, v):
        wide = [0] * 5
        for i, a in enumerate(u):
            for j, b in enumerate(v):
                wide[i + j] = (wide[i + j] + a * b) % p
        for degree in (4, 3):
            top, wide[degree] = wide[degree], 0
            wide[degree - 2] = (wide[degree - 2] - top * f[1]) % p
            wide[degree - 3] = (wide[degree - 3] - top * f[0]) % p
        return wide[:3]

    power, square, k = [1, 0, 0], [0, 1, 0], p
    while k:
        if k & 1:
            power = times(power, square)
        square, k = times(square, square), k >> 1
    power[1] = (power[1] - 1) % p
    u, v = [f[0], f[1], 0, 1], power
    while any(v):
        while v and v[-1] == 0:
            v = v[:-1]
        u = list(u)
        inverse = pow(v[-1], -1, p)
        while len(u) >= len(v):
            factor, shift = u[-1] * inverse % p, len(u) - len(v)
            for i, c in enumerate(v):
                u[i + shift] = (u[i + shift] - factor * c) % p
            u = u[:-1]
        u, v = v, u
    while u[-1] == 0:
        u = u[:-1]
    if len(u) == 2:
        yield -u[0] * pow(u[1], -1, p) % p


def test_signing_twice_gives_the_same_and_other_data_another_nonce() -> None:
    key = gost.PrivateKey.generate(seed=b"nonce")
    assert key.sign(b"a") == key.sign(b"a")
    assert key.sign(b"a")[:64] != key.sign(b"b")[:64]


def test_the_old_digest_answers_as_rfc_5831_prints() -> None:
    for message, digest in {
        b"This is message, length=32 bytes":
            "b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa",
        b"Suppose the original message has length = 50 bytes":
            "471aba57a60a770d3a76130635c1fbea4ef14de51f78b4ae57dd893b62f55208",
        b"": "ce85b99cc46752fffee35cab9a7b0278abb4c2d2055cff685af4912c49490f8d",
    }.items():  # fmt: skip
        assert gost94.digest(message).hex() == digest
        assert gost94.digest_plainly(message).hex() == digest


def test_the_library_and_plain_python_digest_alike() -> None:
    """So that 16 MB that claim to be signed by the old generation cost seconds, not minutes."""
    for length in (*range(70), 255, 256, 1_000):
        message = hashlib.sha512(bytes([length % 256])).digest() * 16
        assert gost94.digest(message[:length]) == gost94.digest_plainly(message[:length])
