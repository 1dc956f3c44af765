"""Cursor paging: a page is `{"items": […], "next": cursor|null}`; the cursor is opaque."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from backend.kernel.errors import Invalid

T = TypeVar("T")
PAGE_MAX = 200


class BadCursor(Invalid):
    """The cursor was not made by this service."""

    code = "BAD_CURSOR"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; ask again with `cursor=next` until it is null."""

    items: list[T]
    next: str | None


def encode(after: str | int | UUID) -> str:
    """The opaque cursor that continues after this key."""
    return base64.urlsafe_b64encode(str(after).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The key inside a cursor; None at the start. Raises BadCursor."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        if b"\0" in raw:
            raise BadCursor(path="cursor")
        return raw.decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadCursor(path="cursor") from None


def decode_uuid(cursor: str | None) -> UUID | None:
    """The UUID inside a cursor. Raises BadCursor."""
    text = decode(cursor)
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise BadCursor(path="cursor") from None


def decode_int(cursor: str | None) -> int | None:
    """The number inside a cursor. Raises BadCursor."""
    text = decode(cursor)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadCursor(path="cursor")
    return int(text)


def page(rows: Sequence[T], limit: int, key: Callable[[T], str | int | UUID]) -> Page[T]:
    """A page of `rows`, which were asked for with LIMIT limit + 1 to see whether more follow."""
    more = len(rows) > limit
    shown = list(rows[:limit])
    return Page(items=shown, next=encode(key(shown[-1])) if more and shown else None)
