"""The bot as it runs: it polls the stand-in of Telegram over HTTP and asks a small citizens' API.

Nothing sleeps: a test waits for what the stand-in shows of the chat.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
import redis.asyncio as redis
from aiogram import Bot, Dispatcher
from litestar import Litestar

from bot import app as bot_app
from bot.polling import Polling
from bot.settings import Settings
from bot.words import Words
from infra import servers
from infra.sandbox.telegram import Telegram, telegram
from infra.sandbox.telegram.control import Journal
from infra.sandbox.telegram.state import Entry
from tests.bot import citizens_routes
from tests.bot.citizens_api import CODE, IIN, PHONE, CitizensApi
from tests.serving import serving

_chats = itertools.count(1001)
_worlds = itertools.count()
WAIT_S = 20


class World:
    """Telegram, the service and the bot between them."""

    def __init__(self, url: str, state: Telegram, api: CitizensApi, settings: Settings) -> None:
        self.url = url
        self.telegram = state
        self.api = api
        self.settings = settings
        self.http = httpx.AsyncClient(base_url=url, timeout=WAIT_S + 5, trust_env=False)
        self.valkey = redis.from_url(settings.valkey_url)

    def person(self, language: str | None = "kk") -> "Person":
        """Somebody with a chat of their own."""
        return Person(self, next(_chats), language)

    async def control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.http.post(f"/telegram/control/{path}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


class Person:
    """A person with a telephone; every act waits for the bot's answer."""

    def __init__(self, world: World, chat_id: int, language: str | None) -> None:
        self.world = world
        self.chat_id = chat_id
        self.code = language
        self.words = Words(language or "kk")
        self.update_id = 0

    async def act(self, expects: str, **what: Any) -> Entry:
        """Do something; the bot's first answer after it that contains `expects`."""
        after = await self.do(**what)
        return await self.hears(expects, after)

    async def do(self, **what: Any) -> int:
        """Do something without waiting; the journal's length right after it."""
        body = {"chat_id": self.chat_id, "first_name": "Айгүл", "language_code": self.code, **what}
        done = await self.world.control("messages", body)
        self.update_id = done["update_id"]
        length: int = done["after"]
        return length

    async def hears(self, expects: str, after: int) -> Entry:
        """The bot's answer that contains `expects`."""
        answer = await self.world.http.get(
            f"/telegram/control/chats/{self.chat_id}/wait",
            params={"after": after, "contains": expects, "timeout_s": WAIT_S},
        )
        entries = msgspec.json.decode(answer.content, type=Journal).entries
        said = [e for e in entries if e.who == "bot" and expects in e.text and e.kind != "delete"]
        assert said, f"never said {expects!r}; said: {[e.text for e in entries]}"
        return said[0]

    async def says(self, text: str, expects: str) -> Entry:
        """Type something; `expects` is the name of a text, or a piece of the answer."""
        return await self.act(self.expected(expects), text=text)

    async def taps(self, button: str, expects: str) -> Entry:
        """Press a shown button, by the name of its text or by its words."""
        label = self.words.button(button) if self.words.has(button) else button
        return await self.act(self.expected(expects), button=label)

    def expected(self, name: str) -> str:
        """The beginning of a text that has no facts in it, or the piece itself."""
        return str(self.words(name)) if self.words.has(name) else name

    async def journal(self) -> list[Entry]:
        """The whole chat."""
        answer = await self.world.http.get(f"/telegram/control/chats/{self.chat_id}")
        return msgspec.json.decode(answer.content, type=Journal).entries

    async def links(self) -> None:
        """The way in, from the first button to the code."""
        await self.says("/start", "hello")
        await self.taps("button-link", "link-iin")
        await self.types_in()

    async def types_in(self) -> None:
        """The three steps, once the IIN is asked for."""
        await self.says(IIN, "link-phone")
        await self.act(self.expected("link-code"), contact={"phone_number": PHONE})
        await self.says(CODE, "link-done")


@asynccontextmanager
async def opened_world(endpoints: servers.Endpoints, **changed: Any) -> AsyncIterator[World]:
    """A world; `changed` settings differ from the usual."""
    state, api = Telegram(), CitizensApi()
    app = Litestar([*telegram(state), *citizens_routes.handlers(api)], openapi_config=None)
    async with serving(app, timeout_graceful_shutdown=5) as server:
        usual = {
            "token": "7000000001:test-test-test-test",
            "telegram_url": f"{server.url}/telegram",
            "api_url": server.url,
            "valkey_url": endpoints.valkey_url,
            "key_prefix": f"test:bot:{os.getpid()}:{next(_worlds)}",
            "pace_updates": 1000,
        }
        settings = Settings(**{**usual, **changed})
        world = World(server.url, state, api, settings)
        yield world
        await world.http.aclose()
        async for key in world.valkey.scan_iter(f"{settings.key_prefix}:*"):
            await world.valkey.delete(key)
        await world.valkey.aclose()


async def sign(document: bytes) -> bytes:
    """The bot's key, in small."""
    return b"signed:" + document


@asynccontextmanager
async def listening(world: World) -> AsyncIterator[tuple[Bot, Dispatcher]]:
    """The bot, polling."""
    bot = bot_app.make_bot(world.settings)
    try:
        async with bot_app.dispatcher(world.settings, sign, tells=bot) as dispatcher:
            await bot_app.tell_commands(bot)
            polling = Polling(bot, dispatcher, world.settings)
            task = asyncio.create_task(polling.run())
            yield bot, dispatcher
            polling.stop()
            await task
    finally:
        await bot.session.close()


# (Not of the session: the bot asks for notices all the while, and tests of other rooms mock every request.)
@pytest.fixture(scope="module")
async def shared_world(endpoints: servers.Endpoints) -> AsyncIterator[World]:
    async with opened_world(endpoints) as world, listening(world):
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The world the tests of a file share; the service forgets between them."""
    shared_world.api.__init__()  # type: ignore[misc]
    yield shared_world
    shared_world.api.__init__()  # type: ignore[misc]
