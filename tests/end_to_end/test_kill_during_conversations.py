"""kill -9 of the service in the middle of conversations: no complaint lost or doubled, no notice told twice."""

import asyncio
import os
import signal
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiogram.fsm.storage.base import StorageKey

from backend.app.demo.processes import Processes
from backend.egov_adapter.notice import service as notices
from backend.egov_adapter.notice.model import ConnectChat, Language, Topic
from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from bot.api_client import open_http
from bot.memory import Memory
from bot.own_session import OwnSession
from bot.telling import Teller
from infra import servers
from infra.sandbox.telegram.state import Entry
from tests.bot.conftest import Person, World, listening, opened_world
from tests.conftest import open_session
from tests.end_to_end.test_kill_during_checkins import citizens, open_real_session

pytestmark = pytest.mark.slow

NOTICE = "новая услуга"
PEOPLE = 12
KILLS_AT = (PEOPLE // 3, 2 * PEOPLE // 3)  # complaints registered


class Signed(OwnSession):
    """The bot's own session, without the ceremony of signing in."""

    def __init__(self, http: Any, token: str) -> None:
        super().__init__(http, None)
        self._token = token

    async def token(self) -> str:
        return self._token


async def test_no_complaint_is_lost_and_no_notice_told_twice(
    owner: Any,
    resources: Resources,
    processes: Processes,
    serve: Any,
    environment: dict[str, str],
    endpoints: servers.Endpoints,
) -> None:
    ids = [uuid4() for _ in range(PEOPLE)]
    await citizens(owner, ids)
    tokens = [await open_real_session(owner, resources, person) for person in ids]
    bot_token = await open_session(resources, Role.BOT, bin="150140004578")
    await owner.execute(
        "UPDATE signing.session SET expires_at = clock_timestamp() + interval '1 hour'"
    )
    url = await serve("service-0")
    port = url.rpartition(":")[2]
    deaths = 0

    async def live_and_die() -> None:
        """Kill the service each time so many complaints are registered, and start it again."""
        nonlocal deaths
        for n, registered in enumerate(KILLS_AT):
            while await owner.fetchval("SELECT count(*) FROM egov.complaint") < registered:
                await asyncio.sleep(0.01)
            os.kill(processes.pid(f"service-{n}"), signal.SIGKILL)
            deaths += 1
            name = f"service-{n + 1}"
            processes.start(name, ["serve"], {**environment, "SAQTAU_PORT": port})
            await processes.wait_for(name, f"{url}/health/ready")

    async with opened_world(endpoints, api_url=url) as world, listening(world) as (bot, dispatcher):
        people = [world.person("ru") for _ in ids]
        for person, person_id, token in zip(people, ids, tokens, strict=True):
            key = StorageKey(bot.id, person.chat_id, person.chat_id)
            await dispatcher.fsm.storage.set_data(key, {"token": token})
            await person.says("/help", "1406")  # opens the chat
            await wants_notices(owner, resources, person, person_id, token)
        async with open_http(world.settings) as http:
            own = Signed(http, bot_token)
            teller = Teller(bot, own, Memory(world.valkey, world.settings), idle_s=0.05)
            telling = asyncio.create_task(teller.run())
            dying = asyncio.create_task(live_and_die())
            async with asyncio.timeout(240):
                await asyncio.gather(*(complain(person, world) for person in people))
                await dying
                while (
                    await owner.fetchval("SELECT count(*) FROM egov.notice WHERE state = 'SENT'")
                    < PEOPLE
                ):
                    await asyncio.sleep(0.05)
            teller.stop()
            await telling

        assert deaths == len(KILLS_AT)
        rows = await owner.fetch("SELECT person_id, tracking_number FROM egov.complaint")
        assert Counter(r["person_id"] for r in rows) == dict.fromkeys(ids, 1)
        numbers = {r["person_id"]: r["tracking_number"] for r in rows}
        for person, person_id in zip(people, ids, strict=True):
            said = [e.text for e in await person.journal() if e.who == "bot"]
            registered = [t for t in said if "Жалоба зарегистрирована" in t]
            assert len(registered) == 1
            assert numbers[person_id] in registered[0]
            assert sum(NOTICE in t for t in said) == 1


async def wants_notices(
    owner: Any, resources: Resources, person: Person, person_id: UUID, token: str
) -> None:
    """This person chose to be told of billed services, and one was billed."""
    chosen = ConnectChat(str(person.chat_id), token, Language.RU, frozenset({Topic.SERVICE_BILLED}))
    await notices.connect(resources, chosen)
    await owner.execute(
        """
        INSERT INTO egov.notice (person_id, notice_id, notice_key, topic, facts, created_at, due_at)
        VALUES ($1, uuidv7(), 'act:1', 'SERVICE_BILLED', '{"count": 1}', clock_timestamp(),
            '2026-04-01Z')
        """,
        person_id,
    )


async def complain(person: Person, world: World) -> None:
    """The whole wizard; whatever the service does, the person presses on until there is a number."""
    words = person.words
    registered = "Жалоба зарегистрирована"
    steps = ({"text": "/complaint"}, {"button": words.button("complaint-kind-ISSUER")})
    asked = (words("complaint-kind"), words("complaint-ask", kind="")[-30:])
    for step, expected in zip(steps, asked, strict=True):
        await press_until(person, step, expected)
    await person.do(text="Справку не выдали в срок, приходил три раза.")
    while not any(registered in e.text for e in await conversation(person)):
        await wait_for_more(person, len(await person.journal()))
        last = (await conversation(person))[-1]
        if last.who == "bot" and last.text == words("draft-kept"):
            await person.do(button=words.button("button-send-again"))


async def press_until(person: Person, step: dict[str, str], expected: str) -> None:
    """Ask again when the answer was that the service is away; never before there was an answer."""
    began = len(await conversation(person))
    while True:
        asked = len(await conversation(person))
        await person.do(**step)
        while not any(e.who == "bot" for e in (await conversation(person))[asked:]):
            await wait_for_more(person, len(await person.journal()))
        if any(expected in e.text for e in (await conversation(person))[began:]):
            return


async def conversation(person: Person) -> list[Entry]:
    """What was said, but for the notice, which may come between a question and its answer."""
    return [e for e in await person.journal() if NOTICE not in e.text]


async def wait_for_more(person: Person, after: int) -> None:
    """Until the bot has said something more, or a second has passed."""
    await person.world.http.get(
        f"/telegram/control/chats/{person.chat_id}/wait", params={"after": after, "timeout_s": 1}
    )
