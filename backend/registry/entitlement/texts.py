"""Why a person is or is not insured, and what to do, in plain words (domain 5.6, R6).

The sentences stand in `words`; here they are chosen and filled. Nothing personal enters a text: it says
dates, months, amounts and a category.
"""

from datetime import date
from functools import lru_cache
from typing import Final

from backend.kernel.money import Language, for_people
from backend.registry.entitlement.categories import Category
from backend.registry.entitlement.law import BUILT_IN, Law
from backend.registry.entitlement.model import (
    Arrears,
    Basis,
    Explanation,
    Ruling,
    Status,
)
from backend.registry.entitlement.rates import Payer
from backend.registry.entitlement.words import WORDS, Words

TOLD_KEPT: Final = 4_096  # some 8 MB
_CONTINUATIONS: Final = {Basis.CONTINUATION_3M: 3, Basis.CONTINUATION_6M: 6}


def explain(
    on: date, ruling: Ruling, arrears: Arrears, law: Law = BUILT_IN, *, self_payer: bool
) -> Explanation:
    """The explanation of a ruling in the three languages."""
    return Explanation(
        kk=explain_in("kk", on, ruling, arrears, law, self_payer=self_payer),
        ru=explain_in("ru", on, ruling, arrears, law, self_payer=self_payer),
        en=explain_in("en", on, ruling, arrears, law, self_payer=self_payer),
    )


def explain_in(
    language: Language,
    on: date,
    ruling: Ruling,
    arrears: Arrears,
    law: Law = BUILT_IN,
    *,
    self_payer: bool,
) -> str:
    """The explanation of a ruling in one language."""
    held = ruling.category and law.category_on(ruling.category.code, on)
    return _told(language, on, ruling, arrears, held, self_payer)


# Told again and again in the same words: nothing personal is in them.
@lru_cache(maxsize=TOLD_KEPT)
def _told(
    language: Language,
    on: date,
    ruling: Ruling,
    arrears: Arrears,
    category: Category | None,
    self_payer: bool,
) -> str:
    words = WORDS[language]
    asked = _day(words, on, words.day_months)
    if ruling.closed:
        sentences = [words.closed.format(on=asked), words.closed_by_mistake]
    elif ruling.status is Status.CONSUMER:
        sentences = [
            words.insured.format(on=asked),
            *_ground(language, on, ruling, category),
            *_arrears(language, ruling, arrears),
        ]
    else:
        sentences = [
            words.not_insured.format(on=asked),
            *_arrears(language, ruling, arrears),
            _advice(words, on, ruling, self_payer),
            words.guaranteed,
        ]
    return " ".join([*sentences, words.contact])


def _ground(language: Language, on: date, ruling: Ruling, category: Category | None) -> list[str]:
    """What the status rests on, until when, and what keeps it."""
    words = WORDS[language]
    until = (
        [words.until.format(until=_day(words, ruling.until, words.until_months))]
        if ruling.until
        else [words.open_end]
    )
    basis = ruling.basis
    if category is not None:
        return [_category(language, category), *until]
    if basis is Basis.PAID_MONTH:
        return [
            words.paid_month.format(month=_month(words, _index(on.isoformat()))),
            *until,
            words.next_month,
        ]
    if basis in _CONTINUATIONS and ruling.last_paid_month is not None:
        template = words.long_continuation if basis is Basis.CONTINUATION_6M else words.continuation
        last = _month(words, _index(ruling.last_paid_month))
        reason = template.format(month=last, count=_count(words, _CONTINUATIONS[basis]))
        return [reason, *until, words.keep_paying]
    return [words.prepaid if basis is Basis.PREPAID_12M else words.no_arrears, *until]


def _category(language: Language, category: Category) -> str:
    words = WORDS[language]
    local = category.payer is Payer.LOCAL_BUDGET
    template = words.local_budget_pays if local else words.state_pays
    names = {"kk": category.kk, "ru": category.ru, "en": category.en}
    return template.format(code=category.code, name=names[language])


def _arrears(language: Language, ruling: Ruling, arrears: Arrears) -> list[str]:
    count = len(arrears.months)
    if not count:
        return []
    words = WORDS[language]
    indices = [_index(period) for period in arrears.months]
    if ruling.status is Status.NOT_CONSUMER:
        template = words.arrears
    else:
        template = words.arrears_later if ruling.category is None else words.arrears_idle
    return [
        template.format(
            count=_count(words, count),
            months=", ".join(_runs(words, indices)),
            amount=for_people(arrears.amount_tiyn, language),
            monthly=for_people(arrears.amount_tiyn // count, language),
        )
    ]


def _advice(words: Words, on: date, ruling: Ruling, self_payer: bool) -> str:
    if not ruling.unpaid:
        return words.pay_month.format(month=_month(words, _index(on.isoformat())))
    return words.pay_debt_or_year if self_payer else words.pay_debt


def _index(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:7]) - 1


def _day(words: Words, day: date, months: tuple[str, ...]) -> str:
    return words.day.format(year=day.year, day=day.day, month=months[day.month - 1])


def _month(words: Words, index: int) -> str:
    return words.month.format(year=index // 12, month=words.months[index % 12])


def _runs(words: Words, indices: list[int]) -> list[str]:
    """Months in order, those in a row told as one: `January–March 2026`."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return [_run(words, first, last) for first, last in runs]


def _run(words: Words, first: int, last: int) -> str:
    if first == last:
        return _month(words, first)
    template = words.month_range if first // 12 == last // 12 else words.month_range_over_years
    return template.format(
        first=words.months[first % 12],
        last=words.months[last % 12],
        year=last // 12,
        first_year=first // 12,
        last_year=last // 12,
    )


def _count(words: Words, n: int) -> str:
    """`n` months in the right number. Nothing here counts above 12, so 21 needs no thought."""
    one, few, many = words.count_forms
    return (one if n == 1 else few if n <= 4 else many).format(n=n)
