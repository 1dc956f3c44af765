"""What a request for data may say. Pure."""

import re
from datetime import date
from typing import Final

from backend.kernel.ids import require_bin
from backend.registry.data_request.errors import DataRequestDates, DataRequestPersonal
from backend.registry.data_request.model import AskForData

# Twelve digits, together or as people space them out: an IIN, or a BIN, which a sole proprietor's is too.
_TWELVE: Final = re.compile(r"(?<!\d)\d(?:[ \u00a0.-]?\d){11}(?!\d)")


def require_sound(command: AskForData) -> None:
    """The body's BIN is one, and no person is named by number. Raises BinInvalid, DataRequestPersonal."""
    require_bin(command.body_bin, "$.body_bin")
    for field in ("body_name", "asked"):
        if _TWELVE.search(getattr(command, field)):
            raise DataRequestPersonal(path=f"$.{field}")


def require_day(answered_on: date, asked_on: date, today: date) -> None:
    """An answer follows its request and has come. Raises DataRequestDates."""
    if not asked_on <= answered_on <= today:
        raise DataRequestDates(path="$.answered_on")
