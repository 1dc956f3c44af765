"""Two readers of one document must see one document."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import strict_json
from backend.kernel.strict_json import BadJson, BadText, NotJson

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(DOCUMENTS, st.booleans())
def test_whatever_json_writes_is_read_back(document: Any, escaped: bool) -> None:
    raw = json.dumps(document, ensure_ascii=escaped).encode()
    assert strict_json.parse(raw) == document


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"{", b"[1,]", b"{} {}", b"'a'", b"NaN", b"[Infinity]", b"[-Infinity]", b"nul",
        b'{"a": 01}', b"\xff\xfe", b'"\xed\xa0\x80"', b'"\n"', b"\xef\xbb\xbf{}", b"1 2",
    ],
)  # fmt: skip
def test_what_is_no_json_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NotJson):
        strict_json.parse(raw)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"a": 1, "a": 1}', "$..a"),
        (b'{"x": [{"b": 1, "c": 2, "b": 3}]}', "$..b"),
        (b'{"a": 1, "\\u0061": 2}', "$..a"),
        (b"[1e400]", "$"),
        (b"[-1e999999]", "$"),
        (b"1" * 401, "$"),
        (b"[" * 65 + b"]" * 65, "$"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "$"),
    ],
)
def test_what_json_allows_and_we_do_not(raw: bytes, path: str) -> None:
    with pytest.raises(BadJson) as refused:
        strict_json.parse(raw)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"name": "a\\u0000b"}', "$.name"),
        (b'[["\\ud800"]]', "$[0][0]"),
        (b'["\\uDFFF\\uD800"]', "$[0]"),
        (b'{"\\u0000": 1}', "$"),
        (b'{"a": {"\\ud800x": 1}}', "$.a"),
    ],
)
def test_texts_that_nothing_can_keep_are_refused_with_their_place(raw: bytes, path: str) -> None:
    with pytest.raises(BadText) as refused:
        strict_json.parse(raw)
    assert refused.value.path == path
    refused.value.path.encode()


def test_what_only_looks_odd_passes() -> None:
    assert strict_json.parse(b'"\\\\u0000"') == "\\u0000"
    assert strict_json.parse(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"
    assert strict_json.parse(b"[" * 64 + b"]" * 64)
    brackets = json.dumps({"a": "[" * 500, "b": '\\"{' * 100}).encode()
    assert strict_json.parse(brackets)["a"] == "[" * 500


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with contextlib.suppress(NotJson, BadJson):
        assert strict_json.parse(raw) == json.loads(raw)  # what is taken, is taken as it stands


@given(st.text('[]{}",:\\u0d8 1a', max_size=80))
def test_nothing_that_looks_like_json_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(NotJson, BadJson):
        assert strict_json.parse(text.encode()) == json.loads(text)


def test_depth_is_judged_before_any_recursion_and_fast() -> None:
    with pytest.raises(BadJson, match="deeper"):
        strict_json.parse(b"[" * 1_500_000 + b"]" * 1_500_000)
    with pytest.raises(NotJson, match="never closed"):
        strict_json.parse(b"[" * 3_000_000)


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    number: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    inner: Inner
    rows: list[Inner] = []


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"1", "$"),
        (b'{"inner": {"number": "1"}}', "$.inner.number"),
        (b'{"inner": {"number": 1, "nomber": 2}}', "$.inner.nomber"),
        (b'{"inner": {}}', "$.inner.number"),
        (b"{}", "$.inner"),
        (b'{"inner": {"number": 1}, "rows": [{"number": null}]}', "$.rows[0].number"),
        (b'{"inner": {"number": 1}, "870101300123": 1}', "$.?"),
    ],
)
def test_a_fault_of_shape_is_led_to_and_no_personal_number_shown(raw: bytes, path: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(raw, type=Outer)
    told, reason = strict_json.place(caught.value)
    assert told == path
    assert "870101300123" not in reason


def test_a_key_that_may_be_a_personal_number_is_not_repeated() -> None:
    with pytest.raises(BadJson) as caught:
        strict_json.parse(b'{"870101300123": 1, "870101300123": 2}')
    assert caught.value.path == "$..?"
    assert "870101300123" not in str(caught.value)
