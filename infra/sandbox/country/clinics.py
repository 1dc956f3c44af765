"""Synthetic clinics: three or four per region, with facilities, staff, accounts and capacities."""

import random

import msgspec

from backend.kernel.ids import check_digit
from infra.sandbox.country.people import PersonData, person
from infra.sandbox.country.regions import REGIONS, Region

_KINDS = (
    ("Көпсалалы аурухана", "Многопрофильная больница", "LEGAL"),
    ("Қалалық емхана", "Городская поликлиника", "LEGAL"),
    ("Диагностикалық орталық", "Диагностический центр", "LEGAL"),
    ("Отбасылық денсаулық орталығы", "Центр семейного здоровья", "LEGAL"),
)
WORKERS_EACH = 3
# The second-tier banks of the demo are invented; the code inside the IBAN is the bank's number.
_BANKS = (("DEMOKZKA", "901", "Демо Банк"), ("SYNTKZKX", "902", "Синтез Банк"))


class FacilityData(msgspec.Struct, frozen=True):
    """A building where care is given."""

    name: str
    address: str
    latitude: float
    longitude: float
    design_capacity: int


class ClinicData(msgspec.Struct, frozen=True):
    """An executor before it registers (a stand-in's record, all invented)."""

    bin: str
    name_kk: str
    name_ru: str
    region: str
    head: PersonData
    finance: PersonData
    operator: PersonData
    workers: tuple[PersonData, ...]
    phone: str
    email: str
    postal_address: str
    iban: str
    bic: str
    bank: str
    facilities: tuple[FacilityData, ...]
    score_milli: int
    accreditation_rank: int
    capacity_percent: int


def clinics(seed: int) -> list[ClinicData]:
    """66 clinics: four in each of the six largest regions, three elsewhere."""
    lot = random.Random(seed + 1)
    largest = sorted(REGIONS, key=lambda r: -r.weight)[:6]
    made: list[ClinicData] = []
    used: set[str] = set()
    for region in REGIONS:
        for n in range(4 if region in largest else 3):
            made.append(_clinic(lot, region, n, len(made), used))
    return made


def _clinic(lot: random.Random, region: Region, n: int, number: int, used: set[str]) -> ClinicData:
    kk, ru, _ = _KINDS[n]
    bic, code, bank = _BANKS[number % 2]
    staff = [person(lot, region, 9_000_000 + number * 20 + i) for i in range(3 + WORKERS_EACH)]
    return ClinicData(
        bin=new_bin(lot, used),
        name_kk=f"«{region.centre} №{n + 1} {kk}» ШЖҚ МКК",
        name_ru=f"ГКП на ПХВ «{ru} №{n + 1} г. {region.centre}»",
        region=region.code,
        head=staff[0],
        finance=staff[1],
        operator=staff[2],
        workers=tuple(staff[3:]),
        phone=f"+7727{number:07}",
        email=f"clinic{number}@example.kz",
        postal_address=f"{region.centre}, Денсаулық көшесі, {number + 1}",
        iban=kz_iban(code, number + 1),
        bic=bic,
        bank=bank,
        facilities=tuple(
            FacilityData(
                name=f"{i + 1}-ғимарат",
                address=f"{region.centre}, Денсаулық көшесі, {number + 1}, {i + 1}-ғимарат",
                latitude=round(region.latitude + lot.uniform(-0.05, 0.05), 5),
                longitude=round(region.longitude + lot.uniform(-0.05, 0.05), 5),
                design_capacity=lot.randrange(100, 900, 50),
            )
            for i in range(1 + number % 2)
        ),
        score_milli=lot.choice((0, 800, 1500, 2400, 3000, 3600, 4200, 4600, 4800, 5000)),
        accreditation_rank=lot.randrange(0, 3),
        capacity_percent=lot.randrange(30, 90, 5),
    )


def new_bin(lot: random.Random, used: set[str]) -> str:
    """A BIN of a resident legal entity's head office, valid by its check digit, not drawn before."""
    while True:
        eleven = f"{lot.randrange(0, 26):02}{lot.randrange(1, 13):02}40{lot.randrange(100_000):05}"
        digit = check_digit(eleven)
        if digit is not None and f"{eleven}{digit}" not in used:
            used.add(f"{eleven}{digit}")
            return f"{eleven}{digit}"


def kz_iban(bank_code: str, number: int) -> str:
    """A Kazakh IBAN: `KZkk`, three digits of the bank, thirteen of the account; ISO 13616 mod 97."""
    account = f"{bank_code}{number:013}"
    digits = account + "2035" + "00"  # KZ = 20 35
    return f"KZ{98 - int(digits) % 97:02}{account}"
