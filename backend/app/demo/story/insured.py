"""Chapter 2: the MIS and the State Corporation tell who people are; one signed order insures them."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from backend.app.demo.screen import Chapter, Screen
from backend.app.demo.story.pace import POLICIES_ORDERED, together, until
from backend.app.demo.told import Told
from backend.app.demo.world import SEED, YEAR, World
from infra.sandbox.country.people import PersonData

T = TypeVar("T")

BATCH = 2_500
FEED_DAY = f"{YEAR}-03-30"
UNSEEN_EVERY = 100  # one person in a hundred was never seen by a doctor: no account (D11)
STATE_PAID_EVERY, SELF_PAID_EVERY = 3, 5  # a third is paid for by the State, a fifth pays nothing
PAID_MONTHS = ("01", "02", "03", "04", "05", "06")
# An employee at 200 000 tenge a month: 2 % of his own and 3 % of the employer (domain 5.6)
CONTRIBUTION_TIYN, DEDUCTION_TIYN = 400_000, 600_000


async def tell(world: World, screen: Screen, told: Told) -> None:
    """Feeds in batches, then the order; it is followed to its end."""
    people = world.country.people
    lot = random.Random(SEED + 3)  # noqa: S311  (a story, not a secret)
    with screen.chapter("feeds", "People become known", 5 * -(-len(people) // BATCH)) as chapter:
        await _mis(world, told, people, chapter, lot)
        await _state_corporation(world, people, chapter, lot)
    with screen.chapter("policies", "Policies are issued", len(people)) as chapter:
        await _order(world, chapter)


async def _mis(
    world: World, told: Told, people: list[PersonData], chapter: Chapter, lot: random.Random
) -> None:
    mis = world.office("mis", "system")
    staff = [
        {"executor_bin": c.bin, "iin": w.iin, "speciality": "therapist", "active": True}
        for c in world.country.clinics
        for w in c.workers
    ]
    await _send(mis.post, "/mis/staff", "staff", staff, chapter, lot)
    await _send(mis.post, "/mis/persons", "persons", [_entry(p) for p in people], chapter, lot)
    seen = [p for n, p in enumerate(people) if n % UNSEEN_EVERY]
    visits = [{"iin": p.iin, "seen_on": FEED_DAY} for p in seen]
    await _send(mis.post, "/mis/visits-seen", "visits", visits, chapter, lot)
    attachments = [_attachment(world, told, p, n) for n, p in enumerate(people)]
    await _send(mis.post, "/mis/attachments", "attachments", attachments, chapter, lot)
    phones = [{"iin": p.iin, "phone": p.phone} for p in people]
    (await world.outside.put("/bmg/subscribers", json=phones)).raise_for_status()


async def _state_corporation(
    world: World, people: list[PersonData], chapter: Chapter, lot: random.Random
) -> None:
    corporation = world.office("state_corporation", "system")
    employer = world.country.clinics[0].bin
    receipts, privileges = [], []
    for n, person in enumerate(people):
        if n % STATE_PAID_EVERY == 0:
            privileges.append(
                {"iin": person.iin, "category": "7", "valid_from": f"{YEAR - 1}-01-01"}
            )
        elif n % SELF_PAID_EVERY:
            receipts += _receipts(person, employer, n)
    await _send(corporation.post, "/privileges", "privileges", privileges, chapter, lot)
    await _send(corporation.post, "/contributions", "receipts", receipts, chapter, lot)


def _receipts(person: PersonData, employer: str, n: int) -> list[dict[str, Any]]:
    """What the employer paid for January to March, by the feed's day."""
    return [
        {
            "iin": person.iin,
            "paid_on": f"{YEAR}-{month}-25",
            "period": f"{YEAR}-{month}",
            "kind": kind,
            "amount_tiyn": amount,
            "payer_bin": employer,
            "source_ref": f"{YEAR}{month}-{kind[:1]}-{n}",
        }
        for month in PAID_MONTHS[:3]
        for kind, amount in (("contribution", CONTRIBUTION_TIYN), ("deduction", DEDUCTION_TIYN))
    ]


async def _order(world: World, chapter: Chapter) -> None:
    await world.set_clock(POLICIES_ORDERED)
    issuer = world.office("issuer", "head")
    order = await issuer.signed("/orders", {"operation": "order.issue_policies", "year": YEAR})
    shown = 0

    async def finished() -> bool:
        nonlocal shown
        state = await issuer.get(f"/orders/{order['order_id']}")
        chapter.step(state["done"] - shown, f"order {state['status'].lower()}")
        shown = state["done"]
        return bool(state["status"] == "DONE")

    await until(finished, "every policy issued", limit_s=120)


async def _send(
    post: Any, path: str, key: str, rows: Sequence[T], chapter: Chapter, lot: random.Random
) -> None:
    """Send `rows` in batches, four at a time; a refused row breaks the story off."""
    batches = [rows[n : n + BATCH] for n in range(0, len(rows), BATCH)]

    async def one(batch: Sequence[T]) -> None:
        batch_id = str(UUID(int=lot.getrandbits(128), version=4))
        answer = await post(path, {"batch_id": batch_id, key: batch})
        if answer["refused"]:
            raise RuntimeError(f"{path} refused {answer['refused'][:3]}")
        chapter.step(note=key)

    await together(batches, one, parallel=2)


def _entry(person: PersonData) -> dict[str, Any]:
    return {
        "iin": person.iin,
        "surname": person.surname,
        "name": person.name,
        "patronymic": person.patronymic,
        "birth_date": person.birth_date.isoformat(),
        "address": person.address,
        "region": person.region,
        "document_no": person.document_no,
        "phone": person.phone,
    }


def _attachment(world: World, told: Told, person: PersonData, n: int) -> dict[str, Any]:
    clinic = world.clinic_of(person, n)
    facilities = told.facility_ids[clinic.bin]
    return {
        "iin": person.iin,
        "executor_bin": clinic.bin,
        "facility_id": facilities[n % len(facilities)],
        "since": FEED_DAY,
    }
