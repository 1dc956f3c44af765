"""Cutting pieces into lines and reading them."""

import random
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.attachment.model import AttachmentEntry
from backend.registry.upload import rules
from backend.registry.upload.errors import HeaderInvalid, LineTooLong
from backend.registry.upload.model import LINE_MAX

BUILDING = UUID("01980000-0000-7000-8000-000000000020")
COLUMNS = ("iin", "executor_bin", "facility_id", "since", "seq", "detached")


@given(
    lines=st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"")), max_size=8),
    ended=st.booleans(),
    lot=st.randoms(use_true_random=False),
)
def test_cut_anywhere_the_lines_are_the_same(
    lines: list[bytes], ended: bool, lot: random.Random
) -> None:
    """A sender who goes on where the last answer said loses and doubles nothing."""
    whole = b"".join(line + b"\n" for line in lines)
    whole = whole if ended else whole.removesuffix(b"\n")
    got: list[bytes] = []
    at = 0
    while at < len(whole):
        piece = whole[at : at + lot.randint(10, 30)]
        taken = rules.lines_of(piece, to_end=at + len(piece) == len(whole))
        assert taken, "a piece holds a whole line"
        at += sum(map(len, taken))
        got += taken
    assert b"".join(got) == whole


def test_half_a_line_is_left_for_the_next_piece() -> None:
    assert rules.lines_of(b"abc\nde", to_end=False) == [b"abc\n"]
    assert rules.lines_of(b"abc\nde", to_end=True) == [b"abc\n", b"de"]
    assert rules.lines_of(b"abc", to_end=False) == []
    with pytest.raises(LineTooLong):
        rules.lines_of(b"a" * (LINE_MAX + 1), to_end=False)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_both_formats_say_the_same(end: bytes) -> None:
    meant = AttachmentEntry("850101300005", "090440002224", date(2026, 4, 6), BUILDING, 17)
    as_json = (
        b'{"iin":"850101300005","executor_bin":"090440002224","facility_id":"'
        + str(BUILDING).encode()
        + b'","since":"2026-04-06","seq":17}'
    )
    as_csv = f'850101300005,"090440002224",{BUILDING},2026-04-06,17,'.encode()
    assert rules.read(as_json + end, None) == meant
    assert rules.read(as_csv + end, COLUMNS) == meant
    gone = rules.read(b"850101300005,090440002224,,2026-04-06,17,true" + end, COLUMNS)
    assert gone is not None
    assert (gone.detached, gone.facility_id) == (True, None)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"iin":"850101300005"}',
        b'{"iin":1,"executor_bin":"090440002224","since":"2026-04-06"}',
        b'{"iin":"850101300005","executor_bin":"090440002224","since":"2026-04-06","seq":"1"}',
        b'{"iin":"850101300005","executor_bin":"090440002224","since":"2026-04-06","seq":-1}',
        b'{"iin":"850101300005","executor_bin":"090440002224","since":"2026-04-06","sek":1}',
        b'{"iin":"8501\\u0000","executor_bin":"090440002224","since":"2026-04-06"}',
        b'{"iin":"\xff","executor_bin":"090440002224","since":"2026-04-06"}',
    ],
)
def test_lines_that_are_no_rows(line: bytes) -> None:
    assert rules.read(line, None) is None


@pytest.mark.parametrize(
    "line",
    [
        b"850101300005,090440002224",
        b"850101300005,090440002224,,2026-04-06,17,maybe",
        b"850101300005,090440002224,,2026-04-06,9223372036854775808,",
        b'850101300005,"090440002224,,2026-04-06,17,',
        b"\xff,090440002224,,2026-04-06,17,",
        b"85010130\x0000,090440002224,,2026-04-06,17,",
    ],
)
def test_values_that_are_no_rows(line: bytes) -> None:
    assert rules.read(line, COLUMNS) is None


def test_the_first_line_names_the_columns() -> None:
    assert rules.header(b"\xef\xbb\xbfiin,executor_bin,since\r\n") == (
        "iin",
        "executor_bin",
        "since",
    )
    for wrong in (
        b"",
        b"iin,since",
        b"iin,iin,executor_bin,since",
        b"iin,executor_bin,since,x",
        b"\xff",
    ):
        with pytest.raises(HeaderInvalid):
            rules.header(wrong)
