"""The DER reader: strict, bounded, and never surprised."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.der import reader, writer
from backend.signing.der.reader import Malformed


@given(st.integers())
def test_integers_go_there_and_back(value: int) -> None:
    assert reader.read(writer.integer(value)).integer() == value


@given(st.lists(st.integers(0, 2**40), max_size=8), st.integers(0, 39))
def test_identifiers_go_there_and_back(rest: list[int], second: int) -> None:
    dotted = ".".join(map(str, (1, second, *rest)))
    assert reader.read(writer.oid(dotted)).oid() == dotted
    wide = ".".join(map(str, (2, second + 900, *rest)))
    assert reader.read(writer.oid(wide)).oid() == wide


@given(st.sets(st.integers(0, 20)))
def test_named_bits_go_there_and_back(numbers: set[int]) -> None:
    assert reader.read(writer.named_bits(numbers)).named_bits() == numbers


@pytest.mark.parametrize("year", [1950, 1999, 2000, 2049, 2050, 2999])
def test_times_go_there_and_back(year: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert reader.read(writer.time(at)).time() == at


@pytest.mark.parametrize(
    "text", [b"260301000000", b"2603010000Z", b"261301000000Z", b"260230000000Z",
             b"26030100000\xb2Z", b"260301000000+0500", b"260301240000Z"]
)  # fmt: skip
def test_odd_times_are_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        reader.read(writer.tlv(reader.UTC_TIME, text)).time()


@pytest.mark.parametrize("raw", [
    "", "30", "3080", "30800000", "308100", "30820001ff", "3085000000000100", "1f8100", "020201",
    "30030201", "300302010000",
])  # fmt: skip
def test_what_is_not_der_is_malformed(raw: str) -> None:
    with pytest.raises(Malformed):
        reader.read(bytes.fromhex(raw))


@pytest.mark.parametrize("raw", ["0200", "02020001", "0202ff80", "0a0101"])
def test_integers_have_one_form(raw: str) -> None:
    with pytest.raises(Malformed):
        reader.read(bytes.fromhex(raw)).integer()


@settings(max_examples=200)
@given(st.binary(max_size=80), st.booleans())
def test_nothing_but_malformed_is_raised(raw: bytes, ber: bool) -> None:
    try:
        waiting = [reader.read(raw, ber=ber)]
        while waiting:
            element = waiting.pop()
            assert raw[element.start : element.end] == element.raw
            if element.tag & 0x20:
                waiting += element.children()
    except Malformed:
        pass
