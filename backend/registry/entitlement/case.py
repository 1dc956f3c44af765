"""Reading a case handed in as JSON (CONTRACT, `mhi-status`): unknown keys, wrong types and
contradictions are refused with the path of the place."""

from datetime import date
from typing import Any, Final, TypeVar

import msgspec

from backend.registry.entitlement.errors import BadCase
from backend.registry.entitlement.model import CategoryPeriod, MhiCase, MhiStatus, Receipt
from backend.registry.entitlement.rules import mhi_status

T = TypeVar("T")
_AT: Final = " - at `"


class _Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The case before its lists are looked into, so that an error can name the entry."""

    on: date
    categories: list[Any]
    receipts: list[Any]
    self_payer: bool


def judge(document: Any) -> MhiStatus:
    """The status of the case in a parsed JSON document. Raises BadCase, MinimumWageUnknown."""
    return mhi_status(read_case(document))


def read_case(document: Any) -> MhiCase:
    """The case in a parsed JSON document, of the right shape; its sense is for the rules. Raises BadCase."""
    outline = _convert(document, _Outline, "$")
    categories = [
        _convert(entry, CategoryPeriod, f"$.categories[{n}]")
        for n, entry in enumerate(outline.categories)
    ]
    receipts = [
        _convert(entry, Receipt, f"$.receipts[{n}]") for n, entry in enumerate(outline.receipts)
    ]
    return MhiCase(outline.on, tuple(categories), tuple(receipts), outline.self_payer)


def _convert(value: Any, shape: type[T], path: str) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as e:
        detail, _, place = str(e).partition(_AT)
        raise BadCase(
            _printable(detail), _printable(path + place.rstrip("`").removeprefix("$"))
        ) from None
    except UnicodeEncodeError:
        raise BadCase("a text that is not Unicode", path) from None


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
