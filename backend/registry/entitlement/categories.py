"""The categories the State pays for: MHI law art. 26, as listed in domain 5.6.

The list published by schools and the Fund's pages has fifteen; since January 2026 the Fund speaks
of sixteen without naming the last one everywhere, so it is not here. A row holds from `valid_from`
until the next row of its code. The database has the same rows and those entered since (`law`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from backend.registry.entitlement.rates import Payer


class Category(msgspec.Struct, frozen=True):
    """A category, who pays for it, and its name in three languages."""

    code: str
    valid_from: date
    payer: Payer
    kk: str
    ru: str
    en: str


_START: Final = date(2020, 1, 1)  # the right to insured care began [MEM]
# Registered unemployed: by the local budgets since 2026 (rus.baq.kz 300030222, zakon.kz 6502332).
_LOCAL_FROM: Final = date(2026, 1, 1)

_NAMES: Final = {
    "1": ("балалар", "дети", "children"),
    "2": ("жұмыссыз ретінде тіркелген адамдар", "зарегистрированные безработные", "registered unemployed"),
    "3": ("жұмыс істемейтін жүкті әйелдер", "неработающие беременные женщины", "non-working pregnant women"),
    "4": (
        "үш жасқа дейінгі баланы тәрбиелеп отырған жұмыс істемейтін заңды өкіл",
        "неработающий законный представитель, воспитывающий ребёнка до трёх лет",
        "non-working legal representative raising a child under three",
    ),
    "5": (
        "жүктілік пен босануға, бала асырап алуға немесе үш жасқа дейінгі бала күтіміне байланысты демалыстағы адамдар",
        "лица в отпуске по беременности и родам, усыновлению или уходу за ребёнком до трёх лет",
        "persons on maternity, adoption or child-care leave up to three years",
    ),
    "6": (
        "мүгедектігі бар балаға күтім жасайтын жұмыс істемейтін адамдар",
        "неработающие лица, ухаживающие за ребёнком с инвалидностью",
        "non-working carers of a child with disability",
    ),
    "7": (
        "зейнетақы алушылар, оның ішінде Ұлы Отан соғысының ардагерлері",
        "получатели пенсий, в том числе ветераны Великой Отечественной войны",
        "pension recipients, veterans of the Second World War included",
    ),
    "8": (
        "сот үкімімен жазасын өтеп жүрген адамдар",
        "лица, отбывающие наказание по приговору суда",
        "persons serving a sentence",
    ),
    "9": ("тергеу изоляторларындағы адамдар", "лица в следственных изоляторах", "persons in pre-trial detention"),
    "10": ("жұмыс істемейтін қандастар", "неработающие кандасы", "non-working kandas"),
    "11": (
        "«Алтын алқа», «Күміс алқа» немесе «Ана даңқы» ордендерімен марапатталған көпбалалы аналар",
        "многодетные матери, награждённые «Алтын алқа», «Күміс алқа» или орденами «Материнская слава»",
        "mothers of many children awarded Altyn alka, Kumis alka or the Maternal Glory orders",
    ),
    "12": ("мүгедектігі бар адамдар", "лица с инвалидностью", "persons with disability"),
    "13": (
        "күндізгі оқу нысаны бойынша білім алушылар",
        "обучающиеся по очной форме",
        "full-time pupils and students",
    ),
    "14": (
        "бірінші топтағы мүгедектігі бар адамға күтім жасайтын жұмыс істемейтін адамдар",
        "неработающие лица, ухаживающие за лицом с инвалидностью первой группы",
        "non-working carers of a person with group I disability",
    ),
    "15": (
        "атаулы әлеуметтік көмек алатын жұмыс істемейтін адамдар",
        "неработающие получатели адресной социальной помощи",
        "non-working recipients of targeted social assistance",
    ),
}  # fmt: skip
CATEGORIES: Final = (
    *(Category(code, _START, Payer.STATE, *names) for code, names in _NAMES.items()),
    Category("2", _LOCAL_FROM, Payer.LOCAL_BUDGET, *_NAMES["2"]),
)

CATEGORY_CODES: Final = frozenset(_NAMES)


def category_on(code: str, day: date, categories: Sequence[Category] = CATEGORIES) -> Category:
    """The category as it stands on `day` (a day before the first row takes the first).

    KeyError for an unknown code.
    """
    rows = sorted((c for c in categories if c.code == code), key=lambda c: c.valid_from)
    if not rows:
        raise KeyError(code)
    return [rows[0], *(row for row in rows if row.valid_from <= day)][-1]
