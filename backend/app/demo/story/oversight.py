"""Chapter 6: whom to look at is drawn by open rules, and a commission of five bodies looks (M §19-22)."""

import base64
from typing import Any

from backend.app.demo.party import Party
from backend.app.demo.screen import Screen
from backend.app.demo.story import pace
from backend.app.demo.story.pace import until
from backend.app.demo.told import Told
from backend.app.demo.world import World

# The law's classifier is not ours to invent: the demo enters one code, and says what it is worth.
SANDBOX_CODE = "SANDBOX-1"
SANDBOX_BASIS = "Құмсалғыш жіктеуіші: тек көрсету үшін, құқықтық күші жоқ"
# Who sits for which of the five kinds: the office and its certificate's role.
MEMBERS = (
    ("ISSUER", "issuer", "employee"),
    ("CHAMBER", "chamber", "head"),
    ("MEDICAL_CONTROL", "medical_control", "head"),
    ("SANITARY_CONTROL", "sanitary_control", "head"),
    ("LOCAL_HEALTH", "leb", "head"),
)


async def announce(world: World, screen: Screen, told: Told) -> None:
    """A sample over the acts handed in; the clinic it points at is told five working days before."""
    with screen.chapter("sampling", "A sample points at a clinic", 4) as chapter:
        await world.set_clock(pace.SAMPLED)
        head = world.office("issuer", "head")
        await _enter_code(head)
        told.sample_id = await _draw(head)
        chapter.step(note="a sample is drawn")
        worst = (await head.get(f"/samples/{told.sample_id}/executors", limit=1))["items"][0]
        told.monitored_id = worst["executor_id"]
        planned = await head.signed(
            "/monitorings",
            {
                "operation": "monitoring.plan",
                "kind": "CURRENT",
                "purpose": "Келулердің QR арқылы тіркелуі",
                "executors": [told.monitored_id],
                "starts_on": pace.MONITORED.date().isoformat(),
                "ends_on": pace.MONITORED.date().isoformat(),
                "sample_id": told.sample_id,
            },
        )
        told.monitoring_id = planned["monitoring_id"]
        chapter.step(note=f"monitoring {planned['number']} is planned")
        path = f"/monitorings/{told.monitoring_id}"
        await head.signed(f"{path}/commission", _commission(world, told))
        chapter.step(note="a commission of five bodies")
        notice = {
            "operation": "monitoring.notify",
            "monitoring_id": told.monitoring_id,
            "starts_on": planned["starts_on"],
        }
        await head.signed(f"{path}/notice", notice)
        chapter.step(note=f"{worst['name']} is told, five full working days before")


async def conclude(world: World, screen: Screen, told: Told) -> None:
    """The commission looks on the day it said; every member signs the same text."""
    with screen.chapter("monitoring", "A commission looks", len(MEMBERS) + 1) as chapter:
        await world.set_clock(pace.MONITORED)
        desk = world.office("issuer", "employee")
        path = f"/monitorings/{told.monitoring_id}"
        await desk.post(f"{path}/start")
        drafted = await desk.put(f"{path}/protocol", _blocks(told))
        chapter.step(note="the protocol is written")
        text = f"/protocols/{drafted['protocol_id']}"
        for kind, office, role in MEMBERS:
            member = world.office(office, role)
            content = base64.b64decode((await member.get(f"{text}/content"))["content"])
            await member.post(f"{text}/signature", {"signature": member.sign_bytes(content)})
            chapter.step(note=f"{kind} has signed")


async def _enter_code(head: Party) -> None:
    row = {
        "code": SANDBOX_CODE,
        "valid_from": pace.SAMPLED.date().isoformat(),
        "title_kk": "Келу QR арқылы тіркелмеген (құмсалғыш)",
        "title_ru": "Визит не зарегистрирован по QR (песочница)",
        "title_en": "Visit not registered by QR (sandbox)",
        "kinds": ["ISSUER"],
        "grounds": [],
    }
    command = {"operation": "defect_codes.set", "basis": SANDBOX_BASIS, "rows": [row]}
    await head.put("/defect-codes", head.sign(command))


async def _draw(head: Party) -> str:
    period = {"period_from": "2026-05-16", "period_to": "2026-05-31"}
    sample_id = (await head.post("/samples", period))["sample_id"]

    async def drawn() -> bool:
        return bool((await head.get(f"/samples/{sample_id}"))["status"] == "DRAWN")

    await until(drawn, "the sample")
    return str(sample_id)


def _commission(world: World, told: Told) -> dict[str, Any]:
    members = []
    for kind, office, role in MEMBERS:
        body = world.offices[office]
        who = body.people[role]
        members.append(
            {
                "kind": kind,
                "bin": body.bin,
                "organisation": body.name,
                "name": f"{who.surname} {who.name}",
                "post": "маман",
                "iin": who.iin,
            }
        )
    return {
        "operation": "monitoring.form_commission",
        "monitoring_id": told.monitoring_id,
        "members": members,
    }


def _blocks(told: Told) -> dict[str, Any]:
    """Block 2 of the protocol: one sandbox defect, one recommendation with its term."""
    return {
        "nonconformities": [
            {
                "executor_id": told.monitored_id,
                "code": SANDBOX_CODE,
                "found_by": "ISSUER",
                "text": "Қабылдау бөлімінде QR коды ілінбеген.",
                "recorded_on": pace.MONITORED.date().isoformat(),
            }
        ],
        "recommendations": [
            {
                "executor_id": told.monitored_id,
                "text": "Әр кабинетке QR кодын іліп, қызметкерлерді оқыту.",
                "term": "30cd",
                "nonconformity": 1,
            }
        ],
    }
