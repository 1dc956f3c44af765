"""Numbers a person types: IIN, telephone, code. Checked here only to catch a slip of the finger."""

import re

_WEIGHTS = (tuple(range(1, 12)), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
_FILLING = re.compile(r"[\s()+.\-‐-―\u00a0]")
_LOOKS_LIKE_IIN = re.compile(r"(?<!\d)\d{6}[\s-]?\d{6}(?!\d)")


def read_iin(text: str) -> str | None:
    """The twelve digits of an IIN whose check digit agrees (two passes modulo 11), or None."""
    digits = _FILLING.sub("", text)
    if not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
        return None
    for weights in _WEIGHTS:
        control = sum(w * int(d) for w, d in zip(weights, digits, strict=False)) % 11
        if control < 10:
            return digits if control == int(digits[11]) else None
    return None


def read_phone(text: str) -> str | None:
    """A Kazakhstan mobile number as +7XXXXXXXXXX, however it was typed, or None."""
    digits = _FILLING.sub("", text)
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 11 and digits[0] in "78":
        digits = digits[1:]
    return f"+7{digits}" if len(digits) == 10 and digits[0] == "7" else None


def read_code(text: str) -> str | None:
    """The six digits of a one-time code, or None."""
    digits = _FILLING.sub("", text)
    return digits if len(digits) == 6 and digits.isascii() and digits.isdigit() else None


def mentions_iin(text: str) -> bool:
    """Does this text hold something like an IIN? Then it should not stay in the chat."""
    return _LOOKS_LIKE_IIN.search(text) is not None
