"""Chapter 3: plan, announcement, applications in their order, the decision, contracts (M §7-12)."""

import base64
from typing import Any

import msgspec

from backend.app.demo.screen import Chapter, Screen
from backend.app.demo.story import pace
from backend.app.demo.story.pace import together
from backend.app.demo.told import Told
from backend.app.demo.world import YEAR, World
from infra.sandbox.country.clinics import ClinicData


async def tell(world: World, screen: Screen, told: Told) -> None:
    """From the approval of the plan to contracts signed by both sides, on the legal clock."""
    clinics = world.country.clinics
    with screen.chapter("plan", "The plan is published", 5) as chapter:
        lines = await _plan(world, told, chapter)
    with screen.chapter("applications", "Clinics apply, in order", 2 * len(clinics)) as chapter:
        await _applications(world, told, lines, chapter)
    with screen.chapter("decision", "The money is allocated", 3) as chapter:
        await _decision(world, told, chapter)
    contracts = await world.office("issuer", "head").all(
        f"/decisions/{told.decision_id}/contracts", limit=200
    )
    with screen.chapter("contracts", "Contracts are signed", 2 * len(contracts)) as chapter:
        await _contracts(world, contracts, chapter)


async def _plan(world: World, told: Told, chapter: Chapter) -> dict[str, str]:
    """Import, rate, approve, publish. Line codes -> ids."""
    head = world.office("issuer", "head")
    plan = await head.signed(
        "/plans",
        {
            "operation": "plan.import",
            "year": YEAR,
            "limits": world.country.limits,
            "lines": [msgspec.to_builtins(line) for line in _without_amounts(world)],
        },
    )
    told.plan_id = plan["plan_id"]
    chapter.step(note=f"{plan['lines']} lines")
    await _indicators(world, chapter)
    await world.set_clock(pace.PLAN_APPROVED)
    await head.signed(
        f"/plans/{told.plan_id}/approval", {"operation": "plan.approve", "plan_id": told.plan_id}
    )
    chapter.step(note="approved")
    await world.set_clock(pace.PLAN_PUBLISHED)
    announced = await head.signed(
        f"/plans/{told.plan_id}/publication",
        {"operation": "plan.publish", "plan_id": told.plan_id},
    )
    told.announcement_id = announced["announcement_id"]
    chapter.step(note=f"applications until {announced['accepting_until'][:10]}")
    found = await world.guest().all(f"/public/plans/{told.plan_id}/lines", limit=200)
    return {line["code"]: line["line_id"] for line in found}


def _without_amounts(world: World) -> list[dict[str, Any]]:
    """The lines as they are imported: the amount follows from units and tariff."""
    lines = []
    for line in world.country.lines:
        fields = msgspec.to_builtins(line)
        del fields["amount_tiyn"]
        lines.append(fields)
    return lines


async def _indicators(world: World, chapter: Chapter) -> None:
    """Scores and capacities from the systems they come from, with their provenance (domain 5.2)."""
    finance = world.office("issuer", "finance")
    services = sorted({line.service_type for line in world.country.lines})
    await finance.put(
        "/ratings",
        {
            "source_system": "МҚСБЖ",
            "period": str(YEAR - 1),
            "reference": "2025 жылғы көрсеткіштер",
            "rows": [
                {
                    "bin": clinic.bin,
                    "service_type": service,
                    "score_milli": clinic.score_milli,
                    "accreditation_rank": clinic.accreditation_rank,
                    "no_history": clinic.score_milli == 0,
                }
                for clinic in world.country.clinics
                for service in services
            ],
        },
    )
    by_code = {line.code: line for line in world.country.lines}
    await finance.put(
        "/capacities",
        {
            "source_system": "РБЖ, МТБЖ",
            "period": str(YEAR),
            "reference": "2026 жылғы 1 сәуірдегі жағдай",
            "rows": [
                {
                    "bin": bin_,
                    "service_type": by_code[asked.line_code].service_type,
                    "region": by_code[asked.line_code].region,
                    "unit": by_code[asked.line_code].unit,
                    "capacity": asked.capacity,
                }
                for bin_, requests in world.country.requests.items()
                for asked in requests
            ],
        },
    )
    chapter.step(note="scores and capacities")


async def _applications(world: World, told: Told, lines: dict[str, str], chapter: Chapter) -> None:
    *clinics, late = world.country.clinics
    told.late, told.late_command = late, _application(told, world, late, lines)
    first, last = clinics[: len(clinics) // 2], clinics[len(clinics) // 2 :]

    async def apply(clinic: ClinicData) -> None:
        await world.clinic(clinic).signed(
            f"/announcements/{told.announcement_id}/applications",
            _application(told, world, clinic, lines),
        )
        chapter.step(note=clinic.name_ru)

    await world.set_clock(pace.FIRST_APPLICATIONS)
    await together(first, apply)
    await _forge(world, told, lines)
    await world.set_clock(pace.FIRST_REVIEWS)
    await _review(world, told, chapter)
    await world.set_clock(pace.LAST_APPLICATIONS)
    await together(last, apply)
    await world.set_clock(pace.WINDOW_OVER)
    refused = await world.clinic(late).ask(
        "POST",
        f"/announcements/{told.announcement_id}/applications",
        json=world.clinic(late).sign(told.late_command),
    )
    chapter.step(note=f"the late one: {refused.code}")
    await _review(world, told, chapter)


async def _forge(world: World, told: Told, lines: dict[str, str]) -> None:
    """Somebody changes one digit of a signed application on its way."""
    clinic = world.country.clinics[0]
    request = world.clinic(clinic).sign(_application(told, world, clinic, lines))
    document = base64.b64decode(request["document"]).replace(b'"requested":', b'"requested":9', 1)
    told.forged_request = {**request, "document": base64.b64encode(document).decode()}
    await world.clinic(clinic).ask(
        "POST", f"/announcements/{told.announcement_id}/applications", json=told.forged_request
    )


async def _review(world: World, told: Told, chapter: Chapter) -> None:
    """The Fund's reviewer takes what waits, strictly in order."""
    reviewer = world.office("issuer", "employee")
    queue = await reviewer.all(f"/announcements/{told.announcement_id}/applications", limit=200)
    for waiting in (a for a in queue if a["status"] in ("SUBMITTED", "UNDER_REVIEW")):
        await reviewer.post(f"/applications/{waiting['application_id']}/confirmations")
        await reviewer.signed(
            f"/applications/{waiting['application_id']}/review",
            {
                "operation": "application.review",
                "application_id": waiting["application_id"],
                "decision": "accept",
            },
        )
        chapter.step(note=f"No. {waiting['seq_no']} accepted")


def _application(
    told: Told, world: World, clinic: ClinicData, lines: dict[str, str]
) -> dict[str, Any]:
    """Everything M §8 asks of this clinic, and nothing it must not ask."""
    facilities = told.facility_ids[clinic.bin]
    asked = world.country.requests[clinic.bin]
    return {
        "operation": "application.submit",
        "announcement_id": told.announcement_id,
        "lines": [{"line_id": lines[a.line_code], "requested": a.requested} for a in asked],
        "licences": [
            {
                "kind": kind,
                "number": f"{kind[:3]}-{clinic.bin[-5:]}",
                "annex_address": facility.address,
                "facility_id": facility_id,
            }
            for facility, facility_id in zip(clinic.facilities, facilities, strict=True)
            for kind in ("MEDICAL", "PHARMACEUTICAL")
        ],
        "sanitary": [
            {"facility_id": f, "number": f"96-{n + 1}", "issued_on": f"{YEAR}-02-01"}
            for n, f in enumerate(facilities)
        ],
        "tax_info": {"debt_tiyn": 0, "untimely_payments": False, "as_of": f"{YEAR}-04-30"},
    }


async def _decision(world: World, told: Told, chapter: Chapter) -> None:
    """Computed and signed within two working days of the window's end."""
    head = world.office("issuer", "head")
    await world.set_clock(pace.DECIDED)
    decision = await head.post(f"/announcements/{told.announcement_id}/decision")
    told.decision_id = decision["decision_id"]
    chapter.step(note="calculated")
    await world.set_clock(pace.DECISION_SIGNED)
    await head.signed(
        f"/decisions/{told.decision_id}/signature",
        {
            "operation": "decision.sign",
            "decision_id": told.decision_id,
            "result_sha256": decision["result_sha256"],
        },
    )
    chapter.step(note="signed")


async def _contracts(world: World, contracts: list[dict[str, Any]], chapter: Chapter) -> None:
    """The Fund signs in order within one working day; each clinic countersigns the same bytes."""
    head = world.office("issuer", "head")
    ordered = sorted((c["contract"] for c in contracts), key=lambda c: int(c["seq_no"]))
    await world.set_clock(pace.ISSUER_SIGNS)

    async def read(contract: dict[str, Any]) -> bytes:
        content = await head.get(f"/contracts/{contract['contract_id']}/content")
        return base64.b64decode(content["content"])

    contents = dict(
        zip((c["contract_id"] for c in ordered), await together(ordered, read), strict=True)
    )
    for start in range(0, len(ordered), 50):
        part = ordered[start : start + 50]
        await head.post(
            "/contracts/signatures",
            {
                "signatures": [
                    {
                        "contract_id": c["contract_id"],
                        "signature": head.sign_bytes(contents[c["contract_id"]]),
                    }
                    for c in part
                ]
            },
        )
        chapter.step(len(part), "signed by the Fund")
    await world.set_clock(pace.EXECUTORS_SIGN)
    by_bin = {c.bin: c for c in world.country.clinics}

    async def countersign(contract: dict[str, Any]) -> None:
        clinic = by_bin[contract["executor_bin"]]
        party = world.clinic(clinic)
        await party.post(
            f"/contracts/{contract['contract_id']}/signature",
            {"signature": party.sign_bytes(contents[contract["contract_id"]])},
        )
        chapter.step(note=clinic.name_ru)

    await together(ordered, countersign)
