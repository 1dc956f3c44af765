"""Synthetic people: names put together by lot, identification numbers valid by their check digit.

Nobody here exists: names are drawn apart from birth dates, and the sequence numbers of the IIN
come from the lot as well. The same seed gives the same people on every machine.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from backend.kernel.ids import check_digit
from infra.sandbox.country.regions import REGIONS, Region

_SURNAMES = [
    "Ахметов",
    "Оспанов",
    "Сериков",
    "Ибраев",
    "Жұмабеков",
    "Қасымов",
    "Нұрланов",
    "Әбдіров",
    "Тілеубеков",
    "Сұлтанов",
    "Ермеков",
    "Байжанов",
    "Досмұхамедов",
    "Есенов",
    "Жақсылықов",
    "Мұратов",
    "Омаров",
    "Рахымов",
    "Сейітов",
    "Темірханов",
    "Үмбетов",
    "Қалиев",
    "Әлімжанов",
    "Бекболатов",
    "Ғабитов",
    "Дүйсенов",
    "Кенжебаев",
    "Маратов",
    "Отарбаев",
    "Смағұлов",
]
_MEN = [
    "Айдар",
    "Нұрлан",
    "Ерлан",
    "Дәурен",
    "Бауыржан",
    "Арман",
    "Тимур",
    "Санжар",
    "Әлихан",
    "Мирас",
    "Олжас",
    "Қайрат",
    "Ғалым",
    "Ержан",
    "Мұхтар",
    "Жандос",
    "Рүстем",
    "Азамат",
    "Дамир",
    "Ілияс",
]
_WOMEN = [
    "Айгүл",
    "Динара",
    "Жанар",
    "Гүлнар",
    "Әсел",
    "Мадина",
    "Сәуле",
    "Алия",
    "Қарлығаш",
    "Дана",
    "Айнұр",
    "Зарина",
    "Мөлдір",
    "Назгүл",
    "Жібек",
    "Томирис",
    "Гүлмира",
    "Шолпан",
    "Ақбота",
    "Індіра",
]
_STREETS = [
    "Абай",
    "Достық",
    "Тәуелсіздік",
    "Бейбітшілік",
    "Қабанбай_батыр",
    "Әйтеке_би",
    "Сарыарқа",
    "Жеңіс",
]


class PersonData(msgspec.Struct, frozen=True):
    """What a medical information system knows of a person (a stand-in's record, all invented)."""

    iin: str
    surname: str
    name: str
    patronymic: str
    birth_date: date
    sex: str
    region: str
    address: str
    document_no: str
    phone: str

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic."""
        return f"{self.surname} {self.name} {self.patronymic}"


def people(lot: random.Random, number: int, region: Region, first: int) -> Iterator[PersonData]:
    """`number` people of one region; `first` keeps phones and documents apart between regions."""
    for n in range(number):
        yield person(lot, region, first + n)


def person(lot: random.Random, region: Region, serial: int) -> PersonData:
    """One person. IIN: birth date, century and sex, a sequence by lot, the check digit."""
    born = date(1940, 1, 1) + timedelta(
        days=lot.randrange((date(2025, 1, 1) - date(1940, 1, 1)).days)
    )
    male = lot.random() < 0.48
    surname, father = lot.choice(_SURNAMES), lot.choice(_MEN)
    return PersonData(
        iin=_iin(lot, born, male),
        surname=surname if male else surname + "а",
        name=lot.choice(_MEN if male else _WOMEN),
        patronymic=f"{father}ұлы" if male else f"{father}қызы",
        birth_date=born,
        sex="male" if male else "female",
        region=region.code,
        address=(
            f"{region.centre}, {lot.choice(_STREETS).replace('_', ' ')} көшесі, "
            f"{lot.randrange(1, 200)}-үй, {lot.randrange(1, 90)}-пәтер"
        ),
        document_no=f"{serial + 40_000_000:09}",
        phone=f"+7700{serial:07}",
    )


def _iin(lot: random.Random, born: date, male: bool) -> str:
    century = {18: 1, 19: 3, 20: 5}[born.year // 100] + (0 if male else 1)
    while True:
        eleven = f"{born:%y%m%d}{century}{lot.randrange(10_000):04}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"


def whole_country(seed: int, number: int) -> list[PersonData]:
    """At least `number` people over the 20 regions by their weight, each with an IIN of their own."""
    lot = random.Random(seed)
    found: dict[str, PersonData] = {}
    serial = 1
    for region in REGIONS:
        wanted = max(1, -(-number * region.weight // 1000))
        got = 0
        while got < wanted:
            one = person(lot, region, serial)
            if one.iin not in found:
                found[one.iin] = one
                serial += 1
                got += 1
    return list(found.values())
