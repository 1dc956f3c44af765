"""A synthetic procurement plan of a real order of magnitude, and what each clinic asks of it.

About 2.9 trillion tenge over 20 regions and two funding sources. Lines are keyed by region,
source, kind of care and service type; dental care is its own lot (domain 5, R31).
"""

import random

import msgspec

from infra.sandbox.country.clinics import ClinicData
from infra.sandbox.country.regions import REGIONS

TENGE = 100  # tiyn


class ServiceKind(msgspec.Struct, frozen=True):
    """A kind of line; `units_per_weight` planned units for each thousandth of the population."""

    code: str
    source: str
    service_type: str
    care_form: str
    title_kk: str
    title_ru: str
    unit: str
    tariff_tiyn: int | None
    units_per_weight: int
    base_kind: str
    payment_method: str
    lot: bool = False
    phc_full: bool = False


SERVICES = (
    ServiceKind("phc", "gvfmc", "phc", "ambulatory", "МСАК: жан басына шаққандағы норматив", "ПМСП: подушевой норматив", "service", 30_000 * TENGE, 18_000, "application", "per_capita", phc_full=True),
    ServiceKind("emg", "gvfmc", "emergency", "emergency", "Жедел медициналық көмек", "Скорая медицинская помощь", "tiyn", None, 9_000_000 * TENGE * 20, "application", "global_budget"),
    ServiceKind("cdc", "mhi", "cdc", "ambulatory", "Консультациялық-диагностикалық көмек", "Консультативно-диагностическая помощь", "service", 8_450 * TENGE, 62_000, "capacity", "per_service"),
    ServiceKind("inp", "mhi", "inpatient", "inpatient", "Стационарлық көмек (КШТ)", "Стационарная помощь (КЗГ)", "service", 412_300 * TENGE, 3_300, "capacity", "ccg"),
    ServiceKind("den", "mhi", "dental", "ambulatory", "Стоматологиялық көмек", "Стоматологическая помощь", "service", 6_120 * TENGE, 4_100, "capacity", "per_service", lot=True),
)  # fmt: skip


class LineData(msgspec.Struct, frozen=True):
    """One plan line of the demo."""

    code: str
    source: str
    region: str
    service_type: str
    care_form: str
    title_kk: str
    title_ru: str
    unit: str
    planned_units: int
    tariff_tiyn: int | None
    amount_tiyn: int
    base_kind: str
    payment_method: str
    lot: bool
    phc_full: bool


class RequestData(msgspec.Struct, frozen=True):
    """What one clinic asks of one line."""

    line_code: str
    requested: int
    capacity: int


def plan_lines(year: int) -> list[LineData]:
    """100 lines: five kinds of service in each of the 20 regions."""
    lines = []
    for region in REGIONS:
        for kind in SERVICES:
            units = kind.units_per_weight * region.weight
            lines.append(
                LineData(
                    code=f"{year}-{kind.source}-{region.code}-{kind.code}",
                    source=kind.source,
                    region=region.code,
                    service_type=kind.service_type,
                    care_form=kind.care_form,
                    title_kk=f"{kind.title_kk}, {region.kk}",
                    title_ru=f"{kind.title_ru}, {region.ru}",
                    unit=kind.unit,
                    planned_units=units,
                    tariff_tiyn=kind.tariff_tiyn,
                    amount_tiyn=units * (kind.tariff_tiyn or 1),
                    base_kind=kind.base_kind,
                    payment_method=kind.payment_method,
                    lot=kind.lot,
                    phc_full=kind.phc_full,
                )
            )
    return lines


def limits(lines: list[LineData]) -> dict[str, int]:
    """The financing limit of each source, in tiyn: the plan and one part in two hundred more."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.source] = found.get(line.source, 0) + line.amount_tiyn
    return {source: amount + amount // 200 for source, amount in found.items()}


def requests(
    seed: int, lines: list[LineData], clinics: list[ClinicData]
) -> dict[str, list[RequestData]]:
    """BIN -> what the clinic asks: each serves its region; together they ask about 110 % of a line."""
    lot = random.Random(seed + 2)
    asked: dict[str, list[RequestData]] = {c.bin: [] for c in clinics}
    for line in lines:
        local = [c for c in clinics if c.region == line.region]
        if line.service_type == "dental":
            local = local[:2]
        whole = sum(c.capacity_percent for c in local)
        for clinic in local:
            share = line.planned_units * clinic.capacity_percent // whole
            asked[clinic.bin].append(
                RequestData(
                    line_code=line.code,
                    requested=max(1, share * lot.randrange(90, 130) // 100),
                    capacity=max(1, share * lot.randrange(95, 140) // 100),
                )
            )
    return asked
