"""Chapter 4: citizens come to their clinics and register the visit; clinics hand in acts (M §6, §13)."""

import asyncio
import hashlib
from typing import Any

from backend.app.demo.party import Party
from backend.app.demo.screen import Chapter, Screen
from backend.app.demo.story import pace
from backend.app.demo.story.pace import together, until
from backend.app.demo.told import Patient, Told
from backend.app.demo.world import World
from infra.sandbox.country.clinics import ClinicData
from infra.sandbox.country.people import PersonData

PATIENTS_EACH = 8
BY_PASSWORD = 20  # so many citizens sign in by one-time password, the others with their own key
PARALLEL_POSTS = 50


async def tell(world: World, screen: Screen, told: Told) -> None:
    """Visits of every grade of evidence; then one act per clinic, one of them posted 50 times."""
    clinics = [c for c in world.country.clinics if c is not told.late]
    told.patients = _patients(world, clinics)
    with screen.chapter("visits", "Citizens check in", len(told.patients)) as chapter:
        await _visits(world, told, chapter)
    with screen.chapter("acts", "Acts are handed in and checked", len(clinics)) as chapter:
        await _acts(world, told, clinics, chapter)


def _patients(world: World, clinics: list[ClinicData]) -> list[Patient]:
    """Insured people of every clinic: with an account, and paid for by the State or an employer."""
    found: dict[str, list[PersonData]] = {c.bin: [] for c in clinics}
    for n, person in enumerate(world.country.people):
        clinic = world.clinic_of(person, n)
        has_account, insured = n % 100 != 0, n % 3 == 0 or n % 5 != 0
        if (
            clinic.bin in found
            and has_account
            and insured
            and len(found[clinic.bin]) < PATIENTS_EACH
        ):
            found[clinic.bin].append(person)
    return [
        Patient(person, clinic, n)
        for clinic in clinics
        for n, person in enumerate(found[clinic.bin])
    ]


async def _visits(world: World, told: Told, chapter: Chapter) -> None:
    await world.set_clock(pace.CARE_DAY)
    codes: dict[str, str] = {}

    async def code_of(clinic: ClinicData) -> None:
        for facility in told.facility_ids[clinic.bin]:
            live = await world.clinic(clinic, "employee").get(f"/facilities/{facility}/code")
            codes[facility] = live["code"]

    await together({p.clinic.bin: p.clinic for p in told.patients}.values(), code_of)
    weak = told.patients[0].clinic.bin  # this clinic hardly lets anyone scan: S3 is on its way

    async def come(item: tuple[int, Patient]) -> None:
        n, patient = item
        facility = told.facility_ids[patient.clinic.bin][0]
        scans = patient.number >= 5 if patient.clinic.bin == weak else patient.number != 7
        if scans:
            await _check_in(world, told, patient, n, facility, codes[facility])
        else:
            await world.clinic(patient.clinic, "employee").post(
                "/visits/desk", {"facility_id": facility, "iin": patient.person.iin}
            )
        chapter.step(note=patient.clinic.name_ru)

    await together(enumerate(told.patients), come)


async def _check_in(
    world: World, told: Told, patient: Patient, n: int, facility: str, code: str
) -> None:
    """By the wall's code, with a face for every second; or by the own code at the desk."""
    citizen = world.citizen(patient.person)
    citizen.token = await sign_in(world, patient.person, by_password=n < BY_PASSWORD)
    if patient.number % 4 == 2:
        own = await citizen.post("/visits/personal-code", {})
        document = hashlib.sha256(f"digital document {patient.person.document_no}".encode())
        await world.clinic(patient.clinic, "employee").post(
            "/visits/desk",
            {
                "facility_id": facility,
                "code": own["code"],
                "document_sha256": document.hexdigest(),
            },
        )
    elif patient.number % 2:
        session = await citizen.post("/visits/biometrics")
        await _with_face(citizen, code, session["session_id"])
    else:
        await citizen.post("/visits", {"code": code})


async def _with_face(citizen: Party, code: str, session_id: str) -> None:
    """The provider calls back a moment later; until then the session proves nothing."""
    body = {"code": code, "biometric_session_id": session_id}

    async def taken() -> bool:
        answer = await citizen.ask("POST", "/visits", json=body)
        return answer.status == 201

    await until(taken, "the biometric provider's callback")


async def sign_in(world: World, person: PersonData, *, by_password: bool) -> str:
    """A citizen's token: by one-time password, or with the citizen's own ECP key."""
    guest = world.guest()
    if not by_password:
        key = world.centre.issue_individual(
            person.iin, f"{person.surname} {person.name}", world.now()
        )
        own = Party("citizen", key, world.http, world.now)
        challenge = await guest.post("/login/challenges")
        session = await guest.post("/citizen/sessions", own.signed_challenge(challenge))
        return str(session["token"])
    before = await messages(world, person)
    await guest.post("/citizen/otp", {"iin": person.iin, "phone": person.phone})
    code = await one_time_password(world, person, already=len(before))
    session = await guest.post(
        "/citizen/sessions", {"iin": person.iin, "phone": person.phone, "code": code}
    )
    return str(session["token"])


async def messages(world: World, person: PersonData) -> list[dict[str, str]]:
    """Every SMS this phone got, oldest first."""
    found: list[dict[str, str]] = (
        await world.outside.get("/sms/outbox", params={"to": person.phone})
    ).json()
    return found


async def one_time_password(world: World, person: PersonData, already: int) -> str:
    """The code in the newest SMS of this phone, once more than `already` have come."""
    found: list[dict[str, str]] = []

    async def came() -> bool:
        found[:] = await messages(world, person)
        return len(found) > already

    await until(came, "the SMS with the code")
    text = found[-1]["text"]
    return next(
        word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6
    )


async def _acts(world: World, told: Told, clinics: list[ClinicData], chapter: Chapter) -> None:
    await world.set_clock(pace.ACTS_SUBMITTED)
    *others, doubled = clinics

    async def submit(clinic: ClinicData) -> None:
        command = await _act(world, told, clinic)
        act = await world.clinic(clinic).signed("/acts", command)
        if act["status"] != "CHECK_PASSED":
            raise RuntimeError(f"the act of {clinic.name_ru} failed its checks: {act}")
        told.act_ids[clinic.bin] = act["act_id"]
        chapter.step(note=clinic.name_ru)

    for clinic in others:  # one after another: the order of submission is the order of payment
        await submit(clinic)
    told.doubled_clinic = doubled
    told.doubled_act = await _act(world, told, doubled)
    head = world.clinic(doubled)
    request = head.sign(told.doubled_act)
    answers = await asyncio.gather(
        *(head.ask("POST", "/acts", json=request) for _ in range(PARALLEL_POSTS))
    )
    taken = [a for a in answers if a.status == 201]
    if len(taken) != 1 or any(a.status not in (201, 409) for a in answers):
        raise RuntimeError(f"one act at once: {sorted(a.status for a in answers)}")
    told.act_ids[doubled.bin] = taken[0].body["act_id"]
    chapter.step(note=f"one act posted {PARALLEL_POSTS} times: taken {len(taken)} time")


async def _act(world: World, told: Told, clinic: ClinicData) -> dict[str, Any]:
    """What the clinic's MIS recorded in May: consultations, and every second patient in hospital."""
    mine = await world.clinic(clinic).all("/contracts", limit=200)
    contract = next(c["contract"] for c in mine if c["contract"]["source"] == "mhi")
    detail = await world.clinic(clinic).get(f"/contracts/{contract['contract_id']}")
    lines = {line["service_type"]: line["line_id"] for line in detail["lines"]}
    patients = [p for p in told.patients if p.clinic.bin == clinic.bin]
    return {
        "operation": "act.submit",
        "contract_id": contract["contract_id"],
        "number": "2026-05/1",
        "period_from": "2026-05-16",
        "period_to": "2026-05-31",
        "cases": [
            {
                "service_record_id": f"{clinic.bin[-6:]}-{p.number + 1:04}",
                "iin": p.person.iin,
                "worker_iin": clinic.workers[p.number % len(clinic.workers)].iin,
                "service_code": "KZG-023" if p.number % 2 else "A02.004.000",
                "line_id": lines["inpatient" if p.number % 2 else "cdc"],
                "units": 1,
                "service_date": pace.CARE_DAY.date().isoformat(),
            }
            for p in patients
        ],
    }
