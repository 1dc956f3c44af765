"""The card, made."""

from datetime import datetime

import msgspec


class MadeCard(msgspec.Struct, frozen=True):
    """The card's octets; the code on it is good until `code_until` (None: there is no code on it)."""

    octets: bytes
    code_until: datetime | None
