"""The short way to read a long act lets nothing past that the long way refuses."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.payments.act.model import SubmitAct
from backend.payments.act.service import receive
from backend.signing.errors import DocumentMalformed
from backend.signing.evidence import service as evidence
from tests.payments.conftest import act, cases

ACT = msgspec.json.encode(act("7", cases([1, 2], referral="R-1", episode="2")))


def both(document: bytes) -> list[SubmitAct | type[DocumentMalformed]]:
    found: list[SubmitAct | type[DocumentMalformed]] = []
    for read in (receive.read, lambda raw: evidence.decode(raw, SubmitAct)):
        try:
            found.append(read(document))
        except DocumentMalformed:
            found.append(DocumentMalformed)
    return found


@pytest.mark.parametrize(
    "document",
    [
        ACT,
        ACT.replace(b'"number":"7"', b'"number":"7","number":"8"'),
        ACT.replace(b'"operation":"act.submit",', b""),
        ACT.replace(b"act.submit", b"act.approve"),
        ACT.replace(b'"episode":"2"', b'"episode":"\\u0000"'),
        ACT.replace(b'"episode":"2"', b'"episode":"\\ud800"'),
        ACT.replace(b'"units":1', b'"units":1.0'),
        ACT.replace(b'"units":1', b'"units":"1"'),
        ACT + b" ",
        ACT[:-1],
        b"\xff" + ACT,
        b"[" * 100_000,
    ],
)
def test_the_short_way_is_as_strict(document: bytes) -> None:
    short, long = both(document)
    assert short == long


@given(st.integers(0, len(ACT) - 1), st.integers(0, 255))
def test_whatever_octet_is_changed(place: int, octet: int) -> None:
    short, long = both(ACT[:place] + bytes([octet]) + ACT[place + 1 :])
    assert short == long
