"""Chapter 5: acts are signed and invoiced, money comes, registers and orders go to the Treasury."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

from backend.app.demo.screen import Chapter, Screen
from backend.app.demo.story import pace
from backend.app.demo.story.pace import together, until
from backend.app.demo.told import Told
from backend.app.demo.world import World

ASK_AGAIN = timedelta(seconds=6)  # the service asks the Treasury again after five
FUNDING_TIYN = 50_000_000_000 * 100  # 50 bn tenge of MHI money for the month


async def tell(world: World, screen: Screen, told: Told) -> None:
    """The first round pays everyone but the suspended clinic, which is paid in the second."""
    with screen.chapter("approval", "The Fund signs acts in order", len(told.act_ids)) as chapter:
        await world.set_clock(pace.ACTS_APPROVED)
        signed = await _approve(world, chapter)
        await _find_suspended(world, told, chapter)
    with screen.chapter("invoices", "Clinics issue e-invoices", len(signed)) as chapter:
        await world.set_clock(pace.INVOICES_ISSUED)
        await _invoice(world, told, signed, chapter)
    with screen.chapter("payments", "The Treasury pays", len(told.act_ids)) as chapter:
        await _fund(world, chapter)
        await world.set_clock(pace.FIRST_PAYMENTS)
        await _pay(world, chapter, lose_first=True)
        await world.set_clock(pace.CAUSE_REMOVED)
        await _resume(world, chapter)
        last = await _approve(world, chapter)
        await _invoice(world, told, last, chapter)
        await world.set_clock(pace.LAST_PAYMENTS)
        await _pay(world, chapter, lose_first=False)


async def _approve(world: World, chapter: Chapter) -> list[dict[str, Any]]:
    """The issuer's head signs what waits, in the order of submission; frozen acts are passed over."""
    head = world.office("issuer", "head")
    waiting = [a for a in await head.all("/acts", limit=200) if a["status"] == "CHECK_PASSED"]
    signed = []
    for act in sorted(waiting, key=lambda a: a["seq_no"]):
        if act["frozen"]:
            chapter.step(0, f"act {act['seq_no']} is frozen: {act['frozen']}")
            continue
        await head.signed(
            f"/acts/{act['act_id']}/approval",
            {
                "operation": "act.approve",
                "act_id": act["act_id"],
                "content_sha256": act["content_sha256"],
            },
        )
        signed.append(act)
        chapter.step(note=f"act {act['seq_no']} signed")
    return signed


async def _find_suspended(world: World, told: Told, chapter: Chapter) -> None:
    suspensions = await world.office("issuer", "head").all("/suspensions", limit=200)
    told.suspended_act_id = next(s["act_id"] for s in suspensions if s["ground"] == "S3")
    chapter.step(note="one clinic suspended: S3")


async def _invoice(world: World, told: Told, acts: list[dict[str, Any]], chapter: Chapter) -> None:
    clinics = {told.act_ids[c.bin]: c for c in world.country.clinics if c.bin in told.act_ids}

    async def issue(act: dict[str, Any]) -> None:
        clinic = clinics[act["act_id"]]
        await world.clinic(clinic, "finance").signed(
            f"/acts/{act['act_id']}/invoice",
            {
                "operation": "invoice.issue",
                "act_id": act["act_id"],
                "number": f"ESF-{clinic.bin[-6:]}-1",
                "issued_on": world.now().date().isoformat(),
                "contract_id": act["contract_id"],
                "period_from": act["period_from"],
                "period_to": act["period_to"],
                "total_tiyn": act["total_tiyn"],
            },
        )
        chapter.step(note=clinic.name_ru)

    await together(acts, issue)
    head = world.office("issuer", "head")

    async def confirmed() -> bool:
        all_acts = await head.all("/acts", limit=200)
        return all(a["status"] != "SIGNED_BY_ISSUER" for a in all_acts)

    await until(confirmed, "the tax body's confirmations")


async def _fund(world: World, chapter: Chapter) -> None:
    """The ministry pays the Fund's invoice; the Fund moves the money to its cash control account."""
    await world.set_clock(pace.MONEY_RECEIVED)
    finance, ministry = world.office("issuer", "finance"), world.office("moh", "head")
    invoice = await finance.post(
        "/funding/invoices",
        {
            "number": "MHI-2026-06",
            "source": "moh_mhi",
            "payer_bin": world.offices["moh"].bin,
            "amount_tiyn": FUNDING_TIYN,
        },
    )
    await ministry.post(
        "/funding/transfers",
        {
            "reference": "MOH-1",
            "source": "moh_mhi",
            "invoice_id": invoice["invoice_id"],
            "amount_tiyn": FUNDING_TIYN,
        },
    )
    await finance.signed(
        "/funding/moves",
        {"operation": "funding.move", "reference": "NBK-1", "amount_tiyn": FUNDING_TIYN},
    )
    chapter.note("money is on the cash control account")


async def _pay(world: World, chapter: Chapter, *, lose_first: bool) -> None:
    """Register, the head's signature, orders signed and sent; all executed in the end."""
    finance, head = world.office("issuer", "finance"), world.office("issuer", "head")
    register = await finance.post("/acts-registers", {"source": "mhi"})
    register_id = register["register_id"]
    await head.signed(
        f"/acts-registers/{register_id}/signature",
        {
            "operation": "register.sign",
            "register_id": register_id,
            "content_sha256": register["content_sha256"],
        },
    )
    if lose_first:
        answer = await world.outside.post("/treasury/control/drop-answers", json={"count": 1})
        answer.raise_for_status()
    orders = await finance.all("/payment-orders", register_id=register_id, limit=200)
    await finance.post(
        "/payment-orders/signatures",
        {
            "signatures": [
                {
                    "order_id": o["order_id"],
                    "signature": finance.sign_bytes(base64.b64decode(o["message"])),
                }
                for o in orders
            ]
        },
    )
    paid = 0

    async def executed() -> bool:
        nonlocal paid
        await world.set_clock(world.now() + ASK_AGAIN)  # nobody waits for the demo's Treasury
        now = await finance.all("/payment-orders", register_id=register_id, limit=200)
        done = sum(o["status"] == "EXECUTED" for o in now)
        chapter.step(done - paid, f"{done} of {len(now)} orders executed")
        paid = done
        return bool(done == len(now))

    await until(executed, "the Treasury's execution", limit_s=60)


async def _resume(world: World, chapter: Chapter) -> None:
    """The clinic put up its codes; the document proves it; the Fund resumes."""
    head = world.office("issuer", "head")
    suspensions = await head.all("/suspensions", limit=200)
    for suspension in suspensions:
        if suspension["status"] != "ACTIVE":
            continue
        await head.signed(
            f"/suspensions/{suspension['suspension_id']}/resolution",
            {
                "operation": "suspension.resume",
                "suspension_id": suspension["suspension_id"],
                "document_sha256": hashlib.sha256(b"act of removal of the cause").hexdigest(),
                "text": "QR кодтар барлық кабинетке ілінді, қабылдау бөлімі оқытылды.",
            },
        )
        chapter.note("the suspended clinic is resumed")
