import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.algorithm import openssl_gost, streebog
from backend.signing.algorithm.streebog_native import StreebogLc

# RFC 6986 §10.1 (M1), and the digest of the empty message from GOST R 34.11-2012
RFC_MESSAGE = b"012345678901234567890123456789012345678901234567890123456789012"
RFC_DIGEST_512 = (
    "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
    "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
)
RFC_DIGEST_256 = "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"
EMPTY_512 = (
    "8e945da209aa869f0455928529bcae4679e9873ab707b55315f56ceb98bef0a7"
    "362f715528356ee83cda5f2aac4c6ad2ba3a715c1bcd81cb8e9f90bf4c1c1a8a"
)


@pytest.mark.parametrize("digest", [streebog.plain, streebog.digest])
def test_answers_as_the_standard_prints(digest) -> None:
    assert digest(RFC_MESSAGE).hex() == RFC_DIGEST_512
    assert digest(RFC_MESSAGE, bits=256).hex() == RFC_DIGEST_256
    assert digest(b"").hex() == EMPTY_512


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([512, 256]))
def test_native_and_plain_agree(data: bytes, bits: int) -> None:
    assert streebog.digest(data, bits=bits) == streebog.plain(data, bits=bits)


@pytest.mark.parametrize("size", [63, 64, 65, 127, 128, 192, 4096])
def test_they_agree_around_the_block_length(size: int) -> None:
    data = bytes(n % 251 for n in range(size))
    assert streebog.digest(data) == streebog.plain(data)


def test_the_go_library_knows_its_limits() -> None:
    library = StreebogLc()
    assert library.digest(RFC_MESSAGE, 512) == bytes.fromhex(RFC_DIGEST_512)
    assert library.digest(bytes(64), 512) is None
    assert streebog.use(library.digest)
    try:
        for size in (0, 63, 64, 128, 200):
            assert streebog.digest(bytes(size)) == streebog.plain(bytes(size))
        check_a_forked_child()
    finally:
        streebog.use(None)


def test_a_forked_child_still_answers() -> None:
    check_a_forked_child()


def check_a_forked_child() -> None:
    streebog.digest(RFC_MESSAGE)
    child = os.fork()
    if child == 0:
        os._exit(0 if streebog.digest(RFC_MESSAGE).hex() == RFC_DIGEST_512 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_carry_through_the_whole_sum_of_blocks() -> None:
    for data in (b"\xff" * 128, b"\xff" * 64 + b"\x01", b"\xff" * 200, b"\xee" * 192):
        assert streebog.digest(data) == streebog.plain(data)


def test_a_library_that_errs_is_not_used() -> None:
    before = streebog.digest(RFC_MESSAGE)
    assert not streebog.use(lambda data, bits: bytes(bits // 8))
    assert not streebog.use(lambda data, bits: streebog.plain(data or b"x", bits=bits))
    assert streebog.digest(RFC_MESSAGE) == before


@pytest.mark.system
def test_the_engine_digests_as_the_standard_does() -> None:
    engine = openssl_gost.OpensslGostBackend()
    try:
        assert streebog.use(engine.streebog)
        assert streebog.digest(RFC_MESSAGE).hex() == RFC_DIGEST_512
        assert streebog.digest(RFC_MESSAGE, bits=256).hex() == RFC_DIGEST_256
        for size in (0, 63, 64, 65, 4096, 10_000):
            data = os.urandom(size)
            assert streebog.digest(data) == streebog.plain(data)
    finally:
        assert streebog.use(None)
