"""Numbers that name things: our own UUIDs, and the state's IIN, BIN and IBAN.

Source of the state's numbers: Government decree 565 of 11 June 2003 and domain 5.6 (check digit),
ECP 6 (what the digits mean).
"""

import os
import re
import threading
import time
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from backend.kernel.errors import Invalid

# --- our own ------------------------------------------------------------------------------------

_COUNTER_BITS: Final = 12
_RANDOM_BITS: Final = 62
_COUNTER_END: Final = 1 << _COUNTER_BITS


class _Uuid7Source:
    """RFC 9562 version 7, method 1: a millisecond, a 12-bit counter seeded at random, 62 random bits.

    The counter makes the ids of one process rise strictly; when the machine's clock jumps back,
    the last millisecond seen is kept until time catches up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def next(self) -> UUID:
        random = int.from_bytes(os.urandom(10), "big")
        now = time.time_ns() // 1_000_000
        with self._lock:
            if now > self._millisecond:
                # the top bit starts at 0, so that at least 2048 ids fit the millisecond
                self._millisecond = now
                self._counter = (random >> _RANDOM_BITS) & (_COUNTER_END // 2 - 1)
            else:
                self._counter += 1
                if self._counter == _COUNTER_END:
                    self._millisecond, self._counter = self._millisecond + 1, 0
            millisecond, counter = self._millisecond, self._counter
        low = random & ((1 << _RANDOM_BITS) - 1)
        return UUID(int=millisecond << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | low)


_uuid7_source = _Uuid7Source()


def uuid7() -> UUID:
    """A new id: later ids of one process are greater, across processes they order by millisecond."""
    return _uuid7_source.next()


# --- IIN and BIN --------------------------------------------------------------------------------

_FIRST_WEIGHTS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")  # ASCII only: \d would take the digits of every script
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
_CENTURIES: Final = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
# A BIN has two digits of the year and no century. Nothing registered before 1950 is on the books.
_BIN_OLDEST_YEAR: Final = 1950


class NumberKind(StrEnum):
    """Whose number it is."""

    IIN = "iin"
    BIN = "bin"


class NumberCode(StrEnum):
    """What is wrong with a number, the first that applies in this order.

    What the digits say is judged before whether they were typed right: a wrong check digit is
    named only for a number that could otherwise exist.
    """

    LENGTH = "LENGTH"
    NOT_DIGITS = "NOT_DIGITS"
    DATE = "DATE"
    TYPE = "TYPE"
    CHECK_DIGIT = "CHECK_DIGIT"
    OK = "OK"


class Sex(StrEnum):
    """As IIN digit 7 tells."""

    MALE = "male"
    FEMALE = "female"


class EntityType(StrEnum):
    """As BIN digit 5 tells."""

    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    JOINT_SOLE_PROPRIETORSHIP = "joint_sole_proprietorship"


_ENTITY_TYPES: Final = {
    "4": EntityType.RESIDENT,
    "5": EntityType.NON_RESIDENT,
    "6": EntityType.JOINT_SOLE_PROPRIETORSHIP,
}


class NumberCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a number says. `kind` is None when there are no twelve digits; the rest stands for OK only.

    `registered` is the month of registration, `YYYY-MM`, of a BIN.
    """

    valid: bool
    kind: NumberKind | None
    code: NumberCode
    birth_date: date | None = None
    sex: Sex | None = None
    registered: str | None = None
    entity_type: EntityType | None = None


class IinInvalid(Invalid):
    """Not an IIN; `reason` is the NumberCode. The number itself is never repeated."""

    code = "IIN_INVALID"


class BinInvalid(Invalid):
    """Not a BIN; `reason` is the NumberCode."""

    code = "BIN_INVALID"


def check_digit(eleven: str) -> int | None:
    """The twelfth digit that belongs to eleven, or None when no number is assigned to them.

    Weights 1..11 modulo 11; on 10 again with 3..11, 1, 2; on 10 again there is no such number.
    ValueError unless `eleven` is eleven ASCII digits. Source: domain 5.6, ECP 6.
    """
    if not _ELEVEN_DIGITS.fullmatch(eleven):
        raise ValueError("eleven ASCII digits are needed")
    digits = [int(sign) for sign in eleven]
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        remainder = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if remainder < 10:
            return remainder
    return None


def check_number(text: str) -> NumberCheck:
    """Judge an IIN or a BIN by its digits alone; no register is asked (CONTRACT, `id check`).

    Digit 5 tells the kind: 0-3 is the day of an IIN, 4-9 the type of a BIN, of which 7-9 are reserved.
    """
    if len(text) != 12:
        return _bad(None, NumberCode.LENGTH)
    if not _TWELVE_DIGITS.fullmatch(text):
        return _bad(None, NumberCode.NOT_DIGITS)
    return _check_iin(text) if text[4] in "0123" else _check_bin(text)


def _bad(kind: NumberKind | None, code: NumberCode) -> NumberCheck:
    return NumberCheck(valid=False, kind=kind, code=code)


def _check_iin(text: str) -> NumberCheck:
    kind = NumberKind.IIN
    century = _CENTURIES.get(text[6])
    # Without a century the day is judged in all of them: 29 February of 00 exists in 2000 only.
    days = [_day(c, text) for c in ([century] if century else sorted(set(_CENTURIES.values())))]
    born = next((day for day in days if day), None)
    if born is None:
        return _bad(kind, NumberCode.DATE)
    if century is None:
        return _bad(kind, NumberCode.TYPE)
    if check_digit(text[:11]) != int(text[11]):
        return _bad(kind, NumberCode.CHECK_DIGIT)
    return NumberCheck(
        valid=True,
        kind=kind,
        code=NumberCode.OK,
        birth_date=born,
        sex=Sex.MALE if text[6] in "135" else Sex.FEMALE,
    )


def _check_bin(text: str) -> NumberCheck:
    entity_type = _ENTITY_TYPES.get(text[4])
    kind = NumberKind.BIN
    month = int(text[2:4])
    if not 1 <= month <= 12:
        return _bad(kind, NumberCode.DATE)
    if entity_type is None:
        return _bad(kind, NumberCode.TYPE)
    if check_digit(text[:11]) != int(text[11]):
        return _bad(kind, NumberCode.CHECK_DIGIT)
    year = 1900 + int(text[:2])
    year = year if year >= _BIN_OLDEST_YEAR else year + 100
    return NumberCheck(
        valid=True,
        kind=kind,
        code=NumberCode.OK,
        registered=f"{year:04}-{month:02}",
        entity_type=entity_type,
    )


def _day(century: int, text: str) -> date | None:
    try:
        return date(century + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def require_iin(text: str, path: str | None = None) -> str:
    """`text` when it is a valid IIN; IinInvalid, with the reason and `path`, when it is not."""
    check = check_number(text)
    if check.valid and check.kind is NumberKind.IIN:
        return text
    reason = NumberCode.TYPE if check.valid else check.code
    raise IinInvalid(path=path, reason=reason.value)


def require_bin(text: str, path: str | None = None) -> str:
    """`text` when it is a valid BIN; BinInvalid, with the reason and `path`, when it is not."""
    check = check_number(text)
    if check.valid and check.kind is NumberKind.BIN:
        return text
    reason = NumberCode.TYPE if check.valid else check.code
    raise BinInvalid(path=path, reason=reason.value)


# --- IBAN ---------------------------------------------------------------------------------------

# KZ, two check digits, a bank code of three digits, thirteen characters: 20 in all (domain 5.6).
_IBAN_KZ = re.compile(r"KZ[0-9]{2}[0-9]{3}[0-9A-Z]{13}")


class IbanInvalid(Invalid):
    """Not an account number of a bank of Kazakhstan."""

    code = "IBAN_INVALID"


def check_iban_kz(text: str) -> bool:
    """Whether `text` is an IBAN of Kazakhstan as machines write it: capitals, no spaces (ISO 13616)."""
    if not _IBAN_KZ.fullmatch(text):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def require_iban_kz(text: str, path: str | None = None) -> str:
    """`text` when it is an IBAN of Kazakhstan; IbanInvalid with `path` when it is not."""
    if check_iban_kz(text):
        return text
    raise IbanInvalid(path=path)
