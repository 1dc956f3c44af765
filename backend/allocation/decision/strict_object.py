"""One JSON object, read without any kindness: each refusal is a BadCase naming the place."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from backend.allocation.decision.errors import BadCase
from backend.kernel.money import AMOUNT_MAX

_NAME_SHOWN_MAX = 64
_NO_SHORT_NAMES: Mapping[str, str] = {}

E = TypeVar("E", bound=StrEnum)


class _Required:
    """The default of a field that has none."""


REQUIRED = _Required()


class StrictObject:
    """The fields of an object whose every key is known and stands once.

    Floats (also `100.0`), booleans and strings are not integers; null is not absence, except where
    a method says so.
    """

    def __init__(
        self,
        value: object,
        path: str,
        names: Collection[str],
        short_names: Mapping[str, str] = _NO_SHORT_NAMES,
    ) -> None:
        if not isinstance(value, dict):
            raise BadCase("an object is wanted", path or "$")
        self._path = path
        given: dict[str, Any] = value
        usable = {short: name for short, name in short_names.items() if name in names}
        unknown = sorted(key for key in given if key not in names and key not in usable)
        if unknown:
            raise BadCase("unknown key", join(path, shown(unknown[0])))
        twice = [short for short, name in usable.items() if short in given and name in given]
        if twice:
            raise BadCase(f"the same as {usable[twice[0]]}", join(path, twice[0]))
        self._spelt = {usable.get(key, key): key for key in given}
        self._values = {usable.get(key, key): held for key, held in given.items()}

    def path(self, name: str) -> str:
        """Where the field stands in the document, in the document's own spelling."""
        return join(self._path, self._spelt.get(name, name))

    def member(self, name: str, default: object = REQUIRED) -> Any:
        """The raw value of a field, or its default when absent."""
        if name in self._values:
            return self._values[name]
        if default is REQUIRED:
            raise BadCase("a required field is missing", self.path(name))
        return default

    def any_integer(self, name: str, default: int | _Required = REQUIRED) -> int:
        """An integer of any size and sign."""
        value = self.member(name, default)
        if type(value) is not int:
            raise BadCase("an integer is wanted", self.path(name))
        return value

    def integer(
        self, name: str, default: int | _Required = REQUIRED, at_most: int = AMOUNT_MAX
    ) -> int:
        """An integer of 0..`at_most`."""
        value = self.any_integer(name, default)
        if not 0 <= value <= at_most:
            raise BadCase(f"an integer from 0 to {at_most} is wanted", self.path(name))
        return value

    def integer_or_null(self, name: str) -> int | None:
        """An integer of 0..10^18; None for null and for absence."""
        return None if self.member(name, None) is None else self.integer(name)

    def text(self, name: str) -> str:
        """A text that is not empty and can be written in UTF-8."""
        value = self.member(name)
        if not isinstance(value, str) or not value:
            raise BadCase("a text is wanted, not empty", self.path(name))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise BadCase("half a surrogate pair is no text", self.path(name)) from None
        return value

    def text_or_null(self, name: str) -> str | None:
        """A text; None for null and for absence."""
        return None if self.member(name, None) is None else self.text(name)

    def choice(self, name: str, choices: type[E]) -> E:
        """One of the members of an enum, by its value."""
        value = self.member(name)
        for choice in choices:
            if isinstance(value, str) and value == choice.value:
                return choice
        wanted = ", ".join(choice.value for choice in choices)
        raise BadCase(f"one of {wanted} is wanted", self.path(name))

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; a number is neither."""
        value = self.member(name, default)
        if not isinstance(value, bool):
            raise BadCase("true or false is wanted", self.path(name))
        return value

    def items(self, name: str, default: Sequence[Any] | _Required = REQUIRED) -> Sequence[Any]:
        """The items of an array."""
        if name not in self._values and not isinstance(default, _Required):
            return default
        value = self.member(name)
        if not isinstance(value, list):
            raise BadCase("an array is wanted", self.path(name))
        return value


def join(path: str, place: str) -> str:
    """A place inside a path; `$` stands for the path itself."""
    if place == "$":
        return path
    return f"{path}.{place}" if path else place


def shown(key: str) -> str:
    """A key as it can be told: short, and without half surrogates."""
    return key[:_NAME_SHOWN_MAX].encode("utf-8", "replace").decode()
