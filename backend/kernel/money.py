"""Money: integer tiyn, 100 to the tenge (domain 0). Never a float."""

import re
from typing import Final, Literal, NewType

from backend.kernel.errors import Invalid

Tiyn = NewType("Tiyn", int)
Language = Literal["kk", "ru", "en"]

TIYN_PER_TENGE: Final = 100
# The largest amount any input may hold (CONTRACT: "above 10^18" is refused).
AMOUNT_MAX: Final = Tiyn(10**18)
_TENGE_SIGN: Final = "\N{TENGE SIGN}"
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
# thousands and decimal signs, as CLDR has them
_SEPARATORS: Final = {"kk": (_NO_BREAK, ","), "ru": (_NO_BREAK, ","), "en": (",", ".")}
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,16})(?:\.([0-9]{1,2}))?")


class AmountInvalid(Invalid):
    """Not an amount: `11382707.74`, tenge with at most two digits after the point."""

    code = "AMOUNT_INVALID"


def tenge(amount: int) -> Tiyn:
    """So many whole tenge, in tiyn."""
    return Tiyn(amount * TIYN_PER_TENGE)


def parse_tenge(text: str, path: str | None = None) -> Tiyn:
    """Read an exact decimal number of tenge, `11382707.74` or `5950`, into tiyn.

    ASCII digits, a point, no sign, no spaces, no exponent, no leading zeros, at most 10^18 tiyn.
    Raises AmountInvalid with `path`.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise AmountInvalid(path=path)
    amount = int(found[1]) * TIYN_PER_TENGE + int((found[2] or "").ljust(2, "0"))
    if amount > AMOUNT_MAX:
        raise AmountInvalid(path=path)
    return Tiyn(amount)


def plain(amount: int) -> str:
    """An amount of tiyn for machines, in tenge: `11382707.74`. `parse_tenge` reads it back."""
    whole, part = divmod(abs(amount), TIYN_PER_TENGE)
    return f"{'-' if amount < 0 else ''}{whole}.{part:02}"


def for_people(amount: int, language: Language) -> str:
    """An amount of tiyn for people, in tenge: `11 382 707,74 ₸`; spaces do not break the line."""
    thousands, decimal = _SEPARATORS[language]
    whole, part = divmod(abs(amount), TIYN_PER_TENGE)
    grouped = f"{whole:,}".replace(",", thousands)
    sign = "-" if amount < 0 else ""
    return f"{sign}{grouped}{decimal}{part:02}{_NO_BREAK}{_TENGE_SIGN}"


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest whole, halves away from zero, exactly.

    ValueError unless the denominator is above zero.
    """
    if denominator <= 0:
        raise ValueError("the denominator must be above zero")
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def percent(amount: int, rate: int) -> Tiyn:
    """`rate` per cent of an amount of tiyn, to the tiyn: 5 % of 85 000 ₸ is 4 250 ₸."""
    return Tiyn(round_half_up(amount * rate, 100))
