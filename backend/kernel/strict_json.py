"""JSON as RFC 8259 means it: UTF-8, no NaN, no duplicate keys, bounded depth.

`msgspec` and `json` both keep the last of two equal keys in silence; two readers of one signed
document could then see two documents. Everything that enters Saqtau passes here first.
"""

import json
from typing import Any, NoReturn

MAX_DEPTH = 64
_DIGITS_MAX = 400  # longer integers are refused unread: Python's own limit would raise later


class NotJson(ValueError):
    """The bytes are not one JSON document in UTF-8."""


class BadJson(ValueError):
    """JSON, but of a kind we refuse: a repeated key, a nesting too deep, a number too long.

    `path` names the offending key where it is known, else `$`.
    """

    def __init__(self, detail: str, path: str = "$") -> None:
        super().__init__(detail)
        self.path = path


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                shown = key.encode("utf-8", "replace").decode()
                raise BadJson(f"the key {shown!r} stands twice in one object", f"$..{shown}")
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise BadJson("a number has too many digits")
    return int(digits)


def parse(raw: bytes) -> Any:
    """Parse one JSON document.

    Raises NotJson for bytes that are no JSON at all, BadJson for what JSON allows and we do not.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        raise NotJson(f"not UTF-8 at byte {e.start}") from None
    require_depth(text)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        )
    except json.JSONDecodeError as e:
        raise NotJson(f"{e.msg} at line {e.lineno} column {e.colno}") from None


def require_depth(text: str, limit: int = MAX_DEPTH) -> None:
    """Refuse nesting deeper than `limit` before any recursive reader sees it (BadJson)."""
    if text.count("[") + text.count("{") <= limit:
        return
    depth, quoted, escaped = 0, False, False
    for sign in text:
        if quoted:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                quoted = False
        elif sign == '"':
            quoted = True
        elif sign in "[{":
            depth += 1
            if depth > limit:
                raise BadJson(f"nested deeper than {limit} levels")
        elif sign in "]}":
            depth -= 1


def require_unique_keys(raw: bytes) -> None:
    """Refuse a document with a repeated key or too deep a nesting (NotJson, BadJson)."""
    parse(raw)


def dumps(value: Any) -> str:
    """One line of JSON for people and scripts: UTF-8, no escapes of Kazakh letters."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
