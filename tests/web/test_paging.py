"""Cursors are ours, opaque, and nothing else is taken for one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.web import paging
from backend.web.paging import BadCursor

CODERS = (paging.decode, paging.decode_uuid, paging.decode_int)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_of_ours_or_refused(text: str) -> None:
    for decode in CODERS:
        try:
            found = decode(text)
        except BadCursor:
            continue
        assert "\0" not in str(found)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
def test_texts_return(text: str) -> None:
    assert paging.decode(paging.encode(text)) == text


@given(st.uuids(), st.integers(0, 10**18 - 1))
def test_keys_return(key: UUID, number: int) -> None:
    assert paging.decode_uuid(paging.encode(key)) == key
    assert paging.decode_int(paging.encode(number)) == number


def test_the_start_has_no_cursor() -> None:
    assert [decode(None) for decode in CODERS] == [None, None, None]


@pytest.mark.parametrize("number", ["-1", "1.0", "1e3", "9" * 19, "٣", "", " 1", "0x1"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BadCursor):
        paging.decode_int(paging.encode(number))


@given(st.integers(0, 30), st.integers(1, 7))
def test_pages_hold_every_row_once_and_end(total: int, limit: int) -> None:
    seen: list[int] = []
    cursor, rounds = None, 0
    while True:
        after = paging.decode_int(cursor)
        start = 0 if after is None else after + 1
        rows = list(range(start, min(start + limit + 1, total)))
        page = paging.page(rows, limit, lambda n: n)
        seen += page.items
        cursor, rounds = page.next, rounds + 1
        if cursor is None:
            break
    assert seen == list(range(total))
    assert rounds <= total // limit + 1
