"""What the bot says: Fluent texts in kk, ru and en; dates, months and money as people write them."""

import html
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource

LANGUAGES = ("kk", "ru", "en")
SOURCE = "kk"
# babel's locale for each: British English writes the day first, as Kazakhstan does.
_LOCALES = {"kk": "kk", "ru": "ru", "en": "en_GB"}
# One time zone since 1 March 2024.
_KAZAKHSTAN = timezone(timedelta(hours=5))
_TEXTS = Path(__file__).parent / "texts"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_NARROW = "\N{NARROW NO-BREAK SPACE}"  # babel's before a year's word; old telephones lack it
Fact = str | int


class Ready(str):
    """A piece of text that is already HTML; everything else is escaped."""

    __slots__ = ()


class Words:
    """The voice of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else SOURCE
        self._locale = _LOCALES[self.language]

    def __call__(self, name: str, /, **facts: Fact) -> Ready:
        """The text `name` with its facts; KeyError when no language has it, a defect of ours."""
        for language in (self.language, SOURCE):
            texts = bundle(language)
            if texts.has_message(name) and (pattern := texts.get_message(name).value) is not None:
                filled, errors = texts.format_pattern(
                    pattern, {k: _escaped(v) for k, v in facts.items()}
                )
                assert not errors, f"{name} in {language}: {errors}"
                return Ready(filled)
        raise KeyError(name)

    def has(self, name: str) -> bool:
        """Is there such a text? Used for codes that may come without words of ours."""
        return bundle(SOURCE).has_message(name)

    def button(self, name: str, /, **facts: Fact) -> str:
        """The text of a button, which Telegram shows as it is."""
        return html.unescape(self(name, **facts))

    def day(self, day: date) -> str:
        """2026 ж. 6 сәуір · 6 апреля 2026 г. · 6 April 2026."""
        return _unbroken(format_date(day, "long", locale=self._locale))

    def moment(self, at: datetime) -> str:
        """The day and the time in Kazakhstan."""
        local = at.astimezone(_KAZAKHSTAN)
        return f"{self.day(local.date())}, {format_datetime(local, 'HH:mm', locale=self._locale)}"

    def month(self, period: str) -> str:
        """A month given as `2026-03`: 2026 ж. наурыз · Март 2026 г. · March 2026."""
        first = date(int(period[:4]), int(period[5:7]), 1)
        named: str = format_skeleton("yMMMM", first, locale=self._locale)
        return _unbroken(named[:1].upper() + named[1:])

    def money(self, amount_tiyn: int) -> str:
        """4 250 ₸, with tiyn only where there are any; spaces that do not break the line."""
        pattern = "#,##0" if amount_tiyn % 100 == 0 else "#,##0.00"
        number: str = format_decimal(Decimal(amount_tiyn) / 100, pattern, locale=self._locale)
        return f"{number}{_NO_BREAK}₸"

    def distance(self, metres: int) -> Ready:
        """350 m in steps of fifty, from a kilometre on 1.2 km."""
        if metres < 975:
            return self("distance-m", n=max(50, round(metres / 50) * 50))
        number: str = format_decimal(Decimal(metres) / 1000, "#,##0.#", locale=self._locale)
        return self("distance-km", n=number)


def _unbroken(text: str) -> str:
    return text.replace(" ", _NO_BREAK).replace(_NARROW, _NO_BREAK)


def _escaped(value: Fact) -> Any:
    if isinstance(value, Ready) or not isinstance(value, str):
        return value
    return html.escape(value, quote=False)


@cache
def bundle(language: str) -> FluentBundle:
    """The texts of one language."""
    made = FluentBundle([_LOCALES[language].replace("_", "-")], use_isolating=False)
    made.add_resource(FluentResource((_TEXTS / f"{language}.ftl").read_text(encoding="utf-8")))
    return made


def language_for(chosen: str | None, language_code: str | None) -> str:
    """The person's choice, else Telegram's language, else Kazakh."""
    if chosen in LANGUAGES:
        return chosen
    primary = (language_code or "").split("-")[0].lower()
    return primary if primary in LANGUAGES else SOURCE
