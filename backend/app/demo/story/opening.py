"""Chapter 1: the issuer and 66 clinics open their accounts and make themselves ready (M §5, §6)."""

import hashlib
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

from backend.app.demo.party import Party
from backend.app.demo.screen import Screen
from backend.app.demo.story.pace import together
from backend.app.demo.told import Told
from backend.app.demo.world import YEAR, World
from infra.sandbox.country.clinics import ClinicData, FacilityData, kz_iban
from infra.sandbox.country.people import PersonData


async def tell(world: World, screen: Screen, told: Told) -> None:
    """Everyone registers with their own key; each clinic does all five actions of M §6."""
    clinics = world.country.clinics
    with screen.chapter("opening", "Accounts open", len(clinics) + 1) as chapter:
        await _outside_knows(world)
        await _issuer(world)
        chapter.step(note="the Fund")

        async def open_clinic(clinic: ClinicData) -> None:
            await _clinic(world, clinic, told)
            chapter.step(note=clinic.name_ru)

        await together(clinics, open_clinic)
        await _license(world, clinics)


async def _outside_knows(world: World) -> None:
    """The state databases and the depository know the clinics; the registrar's directory their system."""
    clinics = world.country.clinics
    for path, entries in (
        (
            "/gbd-ul/control/entities",
            [{"number": c.bin, "head_iin": c.head.iin} for c in clinics],
        ),
        (
            "/dfo/control/statements",
            [{"number": c.bin, "year": YEAR - 1, "posted_on": f"{YEAR}-03-30"} for c in clinics],
        ),
    ):
        (await world.outside.put(path, json=entries)).raise_for_status()
    await world.office("registrar", "head").signed(
        "/directories/mis",
        {
            "operation": "directory.mis",
            "code": "DEMO-MIS",
            "name": "Демо МАЖ",
            "conforms": True,
            "basis": "Сынақ хаттамасы № 1",
        },
    )


async def _issuer(world: World) -> None:
    office = world.offices["issuer"]
    await world.office("issuer", "head").signed(
        "/organisations",
        {
            "operation": "organisation.register",
            "form": "LEGAL",
            "number": office.bin,
            "name": office.name,
            "head": _head(office.people["head"]),
            "contacts": {
                "postal_address": "Астана, Мәңгілік Ел даңғылы, 8",
                "phone": "+77172000000",
                "email": "fund@example.kz",
            },
            "requisites": [
                {
                    "iban": kz_iban("070", 1),
                    "bic": "DEMOKZKT",
                    "bank": "Қазынашылық комитеті",
                    "treasury": True,
                }
            ],
        },
    )


async def _clinic(world: World, clinic: ClinicData, told: Told) -> None:
    head = world.clinic(clinic)
    opened = await head.signed("/organisations", _registration(clinic))
    told.organisation_ids[clinic.bin] = opened["organisation_id"]
    await head.signed(
        "/organisations/me/agreement",
        {"operation": "agreement.sign", "number": clinic.bin, "version": "1"},
    )
    await head.put("/organisations/me/readiness", {"mis_code": "DEMO-MIS", "dfo_year": YEAR - 1})
    told.facility_ids[clinic.bin] = [
        await _facility(head, clinic, facility) for facility in clinic.facilities
    ]


async def _license(world: World, clinics: Sequence[ClinicData]) -> None:
    """E-licensing knows every clinic, its licences and the addresses in their annexes."""
    entries = [
        {
            "number": clinic.bin,
            "licences": [_licence(clinic, kind) for kind in ("MEDICAL", "PHARMACEUTICAL")],
        }
        for clinic in clinics
    ]
    (await world.outside.put("/permits/control/licences", json=entries)).raise_for_status()


def _licence(clinic: ClinicData, activity: str) -> dict[str, Any]:
    held = {"status": "VALID", "issued_on": f"{YEAR - 6}-02-01"}
    return {
        "number": f"{activity[:3]}-{clinic.bin[-5:]}",
        "activity": activity,
        **held,
        "annexes": [
            {"number": f"{n + 1:03}", "address": facility.address, "sub_kinds": [], **held}
            for n, facility in enumerate(clinic.facilities)
        ],
    }


async def _facility(head: Party, clinic: ClinicData, facility: FacilityData) -> str:
    photos = [
        (await head.post_octets("/organisations/me/photographs", _photo(facility, side)))["sha256"]
        for side in ("outside", "inside")
    ]
    made = await head.post("/organisations/me/facilities", _passport(clinic, facility, photos))
    await head.post(f"/facilities/{made['facility_id']}/code")
    return str(made["facility_id"])


def _registration(clinic: ClinicData) -> dict[str, Any]:
    return {
        "operation": "organisation.register",
        "form": "LEGAL",
        "number": clinic.bin,
        "name": clinic.name_kk,
        "head": _head(clinic.head),
        "contacts": {
            "postal_address": clinic.postal_address,
            "phone": clinic.phone,
            "email": clinic.email,
        },
        "requisites": [{"iban": clinic.iban, "bic": clinic.bic, "bank": clinic.bank}],
    }


def _head(person: PersonData) -> dict[str, str]:
    return {
        "surname": person.surname,
        "first_name": person.name,
        "patronymic": person.patronymic,
        "iin": person.iin,
    }


def _photo(facility: FacilityData, side: str) -> bytes:
    """A picture of a facility: sky, wall and windows of its own colours, or a room."""
    shade = hashlib.sha256(f"{facility.address} {side}".encode()).digest()
    picture = Image.new("RGB", (480, 320), (150 + shade[0] % 80, 190 + shade[1] % 50, 235))
    draw = ImageDraw.Draw(picture)
    wall = (150 + shade[2] % 90, 130 + shade[3] % 90, 110 + shade[4] % 90)
    draw.rectangle((60, 90 if side == "outside" else 0, 420, 320), fill=wall)
    for left in range(90, 400, 60):
        for top in range(120, 300, 60):
            draw.rectangle((left, top, left + 30, top + 34), fill=(225, 235, 245))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _passport(clinic: ClinicData, facility: FacilityData, photos: Sequence[str]) -> dict[str, Any]:
    return {
        "name": facility.name,
        "region": clinic.region,
        "address": facility.address,
        "latitude": facility.latitude,
        "longitude": facility.longitude,
        "photo_outside_sha256": photos[0],
        "photo_inside_sha256": photos[1],
        "accounting_186": {"building_year": 1998, "own_premises": True},
        "design_capacity": facility.design_capacity,
    }
