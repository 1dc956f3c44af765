"""Entries of the licence matrix."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from backend.allocation.plan.model import Word

Line = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class Further(StrEnum):
    """What a service may need besides the medical licence, which all do."""

    RADIATION = "RADIATION"
    NARCOTICS = "NARCOTICS"
    PHARMACEUTICAL = "PHARMACEUTICAL"


class EnterNeed(
    Struct, frozen=True, forbid_unknown_fields=True, tag="licence_need.enter", tag_field="operation"
):
    """From now on this service needs these licences besides the medical one; none: an empty list."""

    service_type: Word
    kinds: Annotated[list[Further], Meta(max_length=3)]
    basis: Line


class Need(Struct, frozen=True):
    """What a service needs now besides the medical licence."""

    service_type: str
    kinds: list[Further]
    basis: str
    entered_at: datetime
