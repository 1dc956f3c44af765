"""One update, one effect, one answer: a hundred deliveries, several paths at once, the store away (FAULTS 5)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web

from bot import app as bot_app
from bot import webhook
from bot.settings import Settings
from infra import servers
from tests.bot.conftest import Person, World, listening, opened_world

TIMES = 100
SECRET = "s" * 40
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


class Wire:
    """A path to Valkey that can be cut."""

    def __init__(self, target: str, path: Path) -> None:
        self.target, self.path = target, path
        self.whole = True
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Its URL while it lies."""
        server = await asyncio.start_unix_server(self._carry, self.path)
        yield f"unix://{self.path}"
        server.close()
        self.cut()
        await server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        ends = (writer, far_writer)
        self._writers |= {*ends}
        await asyncio.gather(
            self._pump(reader, far_writer), self._pump(far_reader, writer), return_exceptions=True
        )
        self._writers -= {*ends}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    def cut(self) -> None:
        """From now on nothing answers."""
        self.whole = False
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.whole = True


@asynccontextmanager
async def posted_to(world: World, settings: Settings) -> AsyncIterator[str]:
    """A process's worth of the bot behind a webhook; its URL."""
    bot = bot_app.make_bot(settings)
    async with bot_app.dispatcher(settings) as dispatcher:
        runner = web.AppRunner(webhook.application(bot, dispatcher, settings), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port: int = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/hook"
        await runner.cleanup()
    await bot.session.close()


def hooked(settings: Settings, **changed: Any) -> Settings:
    usual = {"webhook_url": "http://127.0.0.1/hook", "webhook_secret": SECRET, **changed}
    return msgspec.structs.replace(settings, **usual)


async def ready_to_complain(world: World) -> Person:
    """Somebody linked, asked what happened."""
    person = world.person("ru")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "Простых слов достаточно")
    return person


async def update_of(world: World, person: Person, text: str) -> dict[str, Any]:
    """What the person wrote, as Telegram has it; nobody has taken it yet."""
    await person.do(text=text)
    [update] = [u for u in world.telegram.updates if u["update_id"] == person.update_id]
    return dict(update)


async def said(person: Person) -> list[str]:
    return [e.text for e in await person.journal() if e.who == "bot"]


async def test_a_hundred_deliveries_on_three_paths_at_once_have_one_effect(
    endpoints: servers.Endpoints,
) -> None:
    async with opened_world(endpoints) as world, AsyncExitStack() as stack:
        async with listening(world):
            person = await ready_to_complain(world)
        before = len(await said(person))
        update = await update_of(world, person, "Справку не выдали в срок.")

        hooks = [
            await stack.enter_async_context(posted_to(world, hooked(world.settings)))
            for _ in range(2)
        ]
        await stack.enter_async_context(listening(world))
        http = await stack.enter_async_context(httpx.AsyncClient(headers=HEADERS, timeout=60))
        answers = await asyncio.gather(
            *(http.post(hooks[n % 2], json=update) for n in range(TIMES))
        )
        codes = Counter(a.status_code for a in answers)
        assert set(codes) <= {200, 503}  # done, or come again: another process is at it
        assert codes[200]
        # Delivered once more, it is done for everybody.
        late = [await http.post(hook, json=update) for hook in hooks]
        assert [a.status_code for a in late] == [200, 200]
        assert len(world.api.complaints) == 1
        answered = (await said(person))[before:]
        assert len(answered) == 1
        assert "7K3M9QX2B4H01" in answered[0]


async def test_without_the_store_nothing_is_done_and_the_update_comes_again(
    endpoints: servers.Endpoints, tmp_path: Path
) -> None:
    wire = Wire(endpoints.valkey_url.removeprefix("unix://").partition("?")[0], tmp_path / "wire")
    async with wire.laid() as wired, opened_world(endpoints) as world:
        async with listening(world):
            person = await ready_to_complain(world)
        before = len(await said(person))
        update = await update_of(world, person, "Справку не выдали в срок.")
        settings = hooked(world.settings, valkey_url=wired)
        async with (
            posted_to(world, settings) as hook,
            httpx.AsyncClient(headers=HEADERS, timeout=60) as http,
        ):
            asked = len(world.api.requests)
            wire.cut()
            answers = await asyncio.gather(*(http.post(hook, json=update) for _ in range(TIMES)))
            assert Counter(a.status_code for a in answers) == {503: TIMES}
            assert world.api.requests[asked:] == []
            assert (await said(person))[before:] == []

            wire.mend()
            again = await http.post(hook, json=update)
            assert again.status_code == 200
        assert len(world.api.complaints) == 1
        assert len((await said(person))[before:]) == 1


async def test_polling_waits_for_the_store_and_loses_nothing(
    endpoints: servers.Endpoints, tmp_path: Path
) -> None:
    wire = Wire(endpoints.valkey_url.removeprefix("unix://").partition("?")[0], tmp_path / "wire")
    async with (
        wire.laid() as wired,
        opened_world(endpoints, valkey_url=wired) as world,
        listening(world),
    ):
        person = world.person("en")
        await person.says("/start", "hello")
        wire.cut()
        after = await person.do(text="/help")
        again = asyncio.Event()
        asyncio.get_running_loop().call_later(0.5, again.set)
        await again.wait()
        assert len(await said(person)) == 1
        assert world.telegram.updates  # not confirmed: Telegram would deliver it again
        wire.mend()
        await person.hears("1406", after)


async def test_a_forged_post_is_turned_away(endpoints: servers.Endpoints) -> None:
    async with (
        opened_world(endpoints) as world,
        posted_to(world, hooked(world.settings)) as hook,
        httpx.AsyncClient() as http,
    ):
        person = world.person("en")
        update = await update_of(world, person, "/help")
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "s" * 39 + "t"}):
            forged = await http.post(hook, json=update, headers=headers)
            assert forged.status_code == 401
        broken = await http.post(hook, content=b"{", headers=HEADERS)
        assert broken.status_code == 400
        assert await said(person) == []


@pytest.mark.parametrize("phase", ["effect", "mark"])
async def test_the_store_lost_in_the_middle_repeats_nothing_at_the_service(
    endpoints: servers.Endpoints, tmp_path: Path, phase: str
) -> None:
    """Cut while the service is asked: the update comes again, with the same idempotency key."""
    wire = Wire(endpoints.valkey_url.removeprefix("unix://").partition("?")[0], tmp_path / "wire")
    async with wire.laid() as wired, opened_world(endpoints) as world:
        async with listening(world):
            person = await ready_to_complain(world)
        update = await update_of(world, person, "Справку не выдали в срок.")
        if phase == "effect":
            world.api.before_answer = wire.cut
        else:
            tell = world.telegram.tell

            async def cut_then_tell() -> None:
                wire.cut()
                await tell()

            world.telegram.tell = cut_then_tell  # type: ignore[method-assign]
        async with (
            posted_to(world, hooked(world.settings, valkey_url=wired)) as hook,
            httpx.AsyncClient(headers=HEADERS, timeout=60) as http,
        ):
            lost = await http.post(hook, json=update)
            assert lost.status_code == 503
            wire.mend()
            again = await http.post(hook, json=update)
            assert again.status_code == 200
        assert len(world.api.complaints) == 1
        registered = [t for t in await said(person) if "7K3M9QX2B4H01" in t]
        assert len(registered) == 1
