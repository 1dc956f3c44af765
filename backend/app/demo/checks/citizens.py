"""Checks of the citizens' side: status with its reason, nobody else's data, the bot's dispute."""

import base64

import msgspec

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import World

LANGUAGES = ("kk", "ru", "en")


async def status_explained(world: World, told: Told) -> Check:
    """The citizen's status comes with a reason in three different languages."""
    citizen = world.guest()
    citizen.token = told.citizen_token
    reasons = []
    status = ""
    for language in LANGUAGES:
        answer = await citizen.expect(
            "GET", "/citizen/status", headers={"accept-language": language}
        )
        status = answer.body["status"]
        reasons.append(answer.body["explanation"])
    ok = status in ("CONSUMER", "NOT_CONSUMER") and len({r for r in reasons if len(r) > 20}) == 3
    return Check("citizen-status-explained", ok, f"{status}: {reasons[2][:110]}")


async def foreign_bill_hidden(world: World, told: Told) -> Check:
    """What was billed in one citizen's name is not found by another, in the same words as nothing."""
    own = world.guest()
    own.token = told.citizen_token
    bills = (await own.get("/citizen/billed"))["items"]
    other = world.guest()
    other.token = told.other_citizen_token
    bill = bills[0]["case_id"] if bills else "01980000-0000-7000-8000-000000000000"
    foreign = await other.ask(
        "POST", f"/citizen/billed/{bill}/dispute", json={"text": "Менікі емес"}
    )
    absent = await other.ask(
        "POST",
        "/citizen/billed/01980000-0000-7000-8000-000000000000/dispute",
        json={"text": "Менікі емес"},
    )
    ok = bool(bills) and foreign.status == absent.status == 404 and foreign.body == absent.body
    return Check(
        "foreign-bill-hidden", ok, f"{len(bills)} own bills; a stranger gets {foreign.status}"
    )


async def state_service_given(world: World, told: Told) -> Check:
    """Appendix 3 lies in the cabinet as the service shows it, sealed, within its fifteen minutes."""
    citizen = world.guest()
    citizen.token = told.citizen_token
    path = f"/citizen/service-requests/{told.service_request_id}"
    request, document = await citizen.get(path), await citizen.get(f"{path}/json")
    assert told.citizen is not None, "the story tells of a citizen"
    cabinet = await world.outside.post("/egov/control/cabinet", json={"iin": told.citizen.iin})
    kept = [d for d in cabinet.json() if d["message_id"] == told.service_request_id]
    ok = (
        request["stage"] == "DELIVERED"
        and request["finished_at"] <= request["due_at"]
        and len(kept) == 1
        and msgspec.json.decode(base64.b64decode(kept[0]["document"])) == document
        and bool(kept[0]["seal"])
    )
    payments = len(document["payments"])
    return Check("state-service-given", ok, f"{request['stage']}: {payments} payments, sealed")


async def bot_dispute_registered(world: World, told: Told) -> Check:
    """The bot told a tracking number; the complaint stands in the database with its term of 5 days."""
    row = await world.database.fetchrow(
        """
        SELECT c.complaint_id, t.due_at, t.started_at
          FROM egov.complaint c
          JOIN kernel.term t ON t.subject = c.complaint_id AND t.code = 'd12'
         WHERE c.tracking_number = $1
        """,
        told.tracking_number,
    )
    chat = await world.outside.get(f"/telegram/control/chats/{told.chat_id}")
    said = chat.text
    ok = row is not None and told.tracking_number in said
    return Check(
        "bot-dispute-registered",
        ok,
        f"complaint {told.tracking_number} is registered, an answer is due by {row['due_at']:%Y-%m-%d}"
        if row
        else f"no complaint {told.tracking_number!r}",
    )
