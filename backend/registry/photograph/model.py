"""What is known of a photograph."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Photograph(Struct, frozen=True):
    """A photograph as it is kept: `sha256` names it wherever a facility speaks of it. Pixels."""

    sha256: str
    bytes: int
    width: int
    height: int
    uploaded_at: datetime


class Picture(Struct, frozen=True):
    """A picture written anew: its JPEG octets and its size in pixels."""

    jpeg: bytes
    width: int
    height: int
