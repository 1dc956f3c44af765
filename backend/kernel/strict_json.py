"""JSON as RFC 8259 means it: UTF-8, no NaN, no duplicate keys, bounded depth, texts that can be kept.

`msgspec` and `json` both keep the last of two equal keys in silence; two readers of one signed
document could then see two documents. Everything that enters Saqtau passes here first.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 64
_DIGITS_MAX = 400  # longer integers are refused unread: Python's own limit would raise later
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
# Escapes that may stand for what no text may hold: NUL and halves of surrogate pairs.
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# What a key of ours may look like; another one is not repeated to anybody.
_NAME = re.compile(r"[A-Za-z_$][A-Za-z_0-9-]{0,60}")
_KEY = re.compile(r"(?<=field )`(.*)`", re.DOTALL)
_ODD_CHARACTER = re.compile("[\0\ud800-\udfff]")


class NotJson(ValueError):
    """The bytes are not one JSON document in UTF-8."""


class BadJson(ValueError):
    """JSON, but of a kind we refuse: a repeated key, a nesting too deep, a number too long.

    `path` names the offending key where it is known, else `$`.
    """

    def __init__(self, detail: str, path: str = "$") -> None:
        super().__init__(detail)
        self.path = path


class BadText(BadJson):
    """A text with NUL or half a surrogate pair: neither the database nor UTF-8 can hold it."""


def shown(name: str) -> str:
    """A name out of the input as it may be shown again: `?` for what is no name, but perhaps a number."""
    return name if _NAME.fullmatch(name) else "?"


def place(error: msgspec.MsgspecError) -> tuple[str, str]:
    """Where and why msgspec refused a document: the path from `$` (to the key itself), and the reason."""
    reason, _, path = str(error).partition(" - at `")
    path = path.rstrip("`") or "$"
    key = _KEY.search(reason)
    if key is None:
        return path, reason
    return f"{path}.{shown(key[1])}", reason.replace(key[0], f"`{shown(key[1])}`")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(
                    f"the key {shown(key)!r} stands twice in one object", f"$..{shown(key)}"
                )
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise BadJson("a number has too many digits")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadJson("a number is too large")
    return number


# json.loads with hooks makes a decoder for every document.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_real
)


def parse(raw: bytes) -> Any:
    """Parse one JSON document.

    Raises NotJson for bytes that are no JSON at all, BadJson for what JSON allows and we do not,
    BadText among it.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise NotJson(f"not UTF-8 at byte {e.start}") from None
    require_depth(text)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as e:
        raise NotJson(f"{e.msg} at line {e.lineno} column {e.colno}") from None
    if _ODD_ESCAPE.search(text):
        _require_texts(document)
    return document


def _require_texts(document: Any) -> None:
    for path, found in _texts(document, "$"):
        if _ODD_CHARACTER.search(found):
            raise BadText("a text holds NUL or half a surrogate pair", path)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a document with its path, keys included; the depth is bounded already."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from _texts(inner, f"{path}.{shown(key)}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{place}]")


def require_depth(text: str, limit: int = MAX_DEPTH) -> None:
    """Refuse nesting deeper than `limit` before any recursive reader sees it (BadJson, NotJson)."""
    if text.count("[") + text.count("{") <= limit:
        return
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > limit:
        if depth:
            raise NotJson("brackets that are never closed")
        raise BadJson(f"nested deeper than {limit} levels")


def require_unique_keys(raw: bytes) -> None:
    """Refuse a document with a repeated key or too deep a nesting (NotJson, BadJson)."""
    parse(raw)


def dumps(value: Any) -> str:
    """One line of JSON for people and scripts: UTF-8, no escapes of Kazakh letters."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
