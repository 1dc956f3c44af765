"""Tracking numbers: random, said over the phone, and telling nothing. Pure.

Twelve symbols of Crockford's base 32 (60 random bits) and a check symbol by Luhn modulo 32, which
finds every mistyped symbol and nearly every swap of two neighbours.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from backend.egov_adapter.complaint.errors import (
    ComplaintIncomplete,
    ComplaintNotFound,
    ConfirmationUnclear,
    MustBeForwarded,
    NotTheIssuersAnswer,
)
from backend.egov_adapter.complaint.model import Kind, NewComplaint, Outcome, Route

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 12
_MISREAD = str.maketrans("IiLlOo", "111100", "- ")
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}


def new_tracking_number() -> str:
    """A number nobody had before, but for a chance of 2^-60 (the database refuses a second)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return body + check_symbol(body)


def check_symbol(body: str) -> str:
    """The thirteenth symbol for twelve."""
    total = sum(_doubled(v) if i % 2 else v for i, v in enumerate(_VALUES[s] for s in body))
    return ALPHABET[-total % 32]


def _doubled(value: int) -> int:
    return value * 2 // 32 + value * 2 % 32


def read_tracking_number(text: str) -> str:
    """The number as stored: capitals, no hyphens, I and L read as 1, O as 0.

    Raises ComplaintNotFound for what cannot be one: a mistyped number costs no look-up.
    """
    if len(text) > 40:
        raise ComplaintNotFound
    plain = text.translate(_MISREAD).upper()
    if len(plain) != RANDOM_SYMBOLS + 1 or not set(plain) <= _VALUES.keys():
        raise ComplaintNotFound
    if check_symbol(plain[:-1]) != plain[-1]:
        raise ComplaintNotFound
    return plain


def require_complete(command: NewComplaint) -> None:
    """A service complaint names clinic and ground (S4 counts them), one about the Fund neither."""
    named = (command.executor_id is not None, command.ground is not None)
    if named != ((True, True) if command.kind is Kind.SERVICE else (False, False)):
        raise ComplaintIncomplete(path="executor_id" if named[0] is named[1] else "ground")


def require_clear(kind: Kind, outcome: Outcome, confirmed: bool | None) -> None:
    """A service complaint is confirmed or it is not, in accord with its outcome (domain 3.16, S4).

    Raises ConfirmationUnclear: where it is not said, where it has no place, a denial that confirms, and
    a satisfied complaint that does not.
    """
    said = confirmed is not None
    agrees = {Outcome.SATISFIED: confirmed is not False, Outcome.DENIED: confirmed is not True}
    if said is not (kind is Kind.SERVICE) or not agrees.get(outcome, True):
        raise ConfirmationUnclear(path="confirmed")


# The term that runs from registration, and whose it is (domain 3.19: d12 5, d13 15, d14 3 working days).
TERMS: Final[Mapping[Route, tuple[str, str]]] = {
    Route.K1: ("d12", "issuer"),
    Route.K2: ("d13", "quality_body"),
    Route.K3: ("d14", "issuer"),
}
REVIEW_TERM: Final = "d13"  # of the body above, from the day it is forwarded
FILES_MAX: Final = 5


def require_issuers(route: Route, outcome: Outcome) -> None:
    """The issuer answers K1 as it judges, K3 only by satisfying it fully, K2 never (M §53).

    Raises NotTheIssuersAnswer, MustBeForwarded.
    """
    if route is Route.K2:
        raise NotTheIssuersAnswer
    if route is Route.K3 and outcome is not Outcome.SATISFIED:
        raise MustBeForwarded
