"""Names in their order: the database sorts by code point, and names lie sealed. Pure.

Kazakh: the alphabet of 42 letters. Russian: Kazakh letters stand behind the letter they look like,
and Ё is an Е unless nothing else tells two names apart. Both are CLDR's orders; Latin follows.
"""

import unicodedata
from typing import Final

from backend.registry.person.model import Identity

KAZAKH: Final = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
RUSSIAN: Final = "аәбвгғдежзиійкқлмнңоөпрстуүұфхһцчшщъыьэюя"
_RANKS: Final = {
    "kk": {letter: rank for rank, letter in enumerate(KAZAKH)},
    "ru": {letter: rank for rank, letter in enumerate(RUSSIAN)},
}
_OTHERS: Final = 1_000  # letters of no Cyrillic alphabet of ours come behind, by code point
NameKey = tuple[tuple[tuple[int, ...], ...], tuple[tuple[str, str], ...]]


def name_key(language: str, *parts: str | None) -> NameKey:
    """What names are compared by: surname first, each part by its letters, then by all its signs.

    Case, hyphens, apostrophes and spaces tell names apart only when the letters do not. Languages other
    than Russian sort as Kazakh does.
    """
    ranks = _RANKS["ru" if language == "ru" else "kk"]
    texts = tuple(unicodedata.normalize("NFC", part or "") for part in parts)
    return tuple(_letters(t, ranks) for t in texts), tuple((t.lower(), t) for t in texts)


def _letters(text: str, ranks: dict[str, int]) -> tuple[int, ...]:
    found: list[int] = []
    for letter in text.lower():
        rank = ranks.get(letter)
        if rank is None and letter == "ё":
            rank = ranks["е"]
        if rank is None and letter.isalnum():
            base = unicodedata.normalize("NFD", letter)[0]
            rank = _OTHERS + ord(base)
        if rank is not None:
            found.append(rank)
    return tuple(found)


def order_of(who: Identity, language: str) -> NameKey:
    """Where a person stands among others; of namesakes the one born first."""
    return name_key(
        language, who.surname, who.name, who.patronymic, who.birth_date.isoformat(), who.iin
    )
