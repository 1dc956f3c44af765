"""Chapter 7: citizens read what was done in their name, and one of them objects, in the bot."""

import re
from typing import Any

from backend.app.demo.screen import Chapter, Screen
from backend.app.demo.story import pace
from backend.app.demo.story.care import messages, one_time_password, sign_in
from backend.app.demo.told import Told
from backend.app.demo.world import World
from infra.sandbox.country.people import PersonData

CHAT = 700_000_001
WAIT_S = 20
_TRACKING = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{12,13}\b")


async def tell(world: World, screen: Screen, told: Told) -> None:
    """Two citizens sign in; the third talks to the bot from /start to a registered dispute."""
    with screen.chapter("citizens", "Citizens read and object", 9) as chapter:
        await world.set_clock(pace.CITIZENS_LOOK)
        one, other = told.patients[8].person, told.patients[17].person
        told.citizen = one
        told.citizen_token = await sign_in(world, one, by_password=True)
        told.other_citizen_token = await sign_in(world, other, by_password=False)
        chapter.step(2, "signed in by password, and by key")
        await _ask_service(world, told, one)
        chapter.step(note="Appendix 3 lies in the cabinet")
        await _dispute(world, told, told.patients[26].person, chapter)


async def _ask_service(world: World, told: Told, person: PersonData) -> None:
    """The state service: consent by the code of an SMS, the result in the cabinet (M §47-51)."""
    card = {"iin": person.iin, "number": f"N{person.iin[-8:]}"}
    document = {**card, "issued_on": "2020-01-01", "valid_to": "2030-01-01"}
    for place, entered in (("digital-documents", document), ("egov", card)):
        answer = await world.outside.put(f"/{place}/control/documents", json=[entered])
        answer.raise_for_status()
    citizen = world.guest()
    citizen.token = told.citizen_token
    before = len(await messages(world, person))
    consent = await citizen.post("/citizen/service-consents")
    code = await one_time_password(world, person, already=before)
    asked = {"consent_id": consent["consent_id"], "code": code}
    request = await citizen.post("/citizen/service-requests", asked)
    told.service_request_id = request["request_id"]

    async def given() -> bool:
        found = await citizen.get(f"/citizen/service-requests/{told.service_request_id}")
        return found["finished_at"] is not None

    await pace.until(given, "the result of the state service")


async def _dispute(world: World, told: Told, person: PersonData, chapter: Chapter) -> None:
    """In Kazakh: sign in by OTP, look at the bills, contest the first, get a number."""
    chat = Chat(world)
    told.chat_id = CHAT
    await chat.say(text="/start", first_name="Айгүл", language_code="kk")
    chapter.step(note="the bot greets")
    await chat.press("🔑 Кіру")
    await chat.say(text=person.iin)
    before = len(await messages(world, person))
    # The SMS may come before the bot has asked for the code: wait for the question itself.
    await chat.say("6 цифрлы", text=person.phone)
    chapter.step(note="an SMS is on its way")
    code = await one_time_password(world, person, already=before)
    await chat.say("Дайын", text=code)
    chapter.step(note="signed in")
    await chat.say(text="Мен сақтандырылғанмын ба?")
    chapter.step(note="status explained")
    bills = await chat.say(text="/billed")
    button = next(
        b["text"]
        for entry in bills
        for row in (entry.get("buttons") or [])
        for b in row
        if b["text"].startswith("✋")
    )
    await chat.press(button)
    chapter.step(note="a bill contested")
    answer = await chat.say(text="Мен ол күні емханада болған жоқпын.")
    words = " ".join(entry["text"] for entry in answer)
    found = _TRACKING.search(words)
    if found is None:
        raise RuntimeError("the bot told no tracking number")
    told.tracking_number = found[0]
    chapter.step(note=f"complaint {told.tracking_number}")


class Chat:
    """A person's side of the conversation, through the stand-in of Telegram."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def say(self, until: str = "", **what: Any) -> list[dict[str, Any]]:
        """Do something and wait until the bot has said something with `until` in it; what it said."""
        return await self._act({"chat_id": CHAT, **what}, until)

    async def press(self, button: str) -> list[dict[str, Any]]:
        """Press a button by its words."""
        return await self._act({"chat_id": CHAT, "button": button})

    async def _act(self, what: dict[str, Any], until: str = "") -> list[dict[str, Any]]:
        acted = await self._world.outside.post("/telegram/control/messages", json=what)
        acted.raise_for_status()
        heard = await self._world.outside.get(
            f"/telegram/control/chats/{CHAT}/wait",
            params={"after": acted.json()["after"], "contains": until, "timeout_s": WAIT_S},
        )
        if heard.status_code != 200:
            raise RuntimeError(f"the bot did not answer to {sorted(what)}")
        entries: list[dict[str, Any]] = heard.json()["entries"]
        return [e for e in entries if e["who"] == "bot"]
