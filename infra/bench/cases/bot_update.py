"""`bot-update`: the bot handles updates, against a bare aiogram dispatcher that answers nothing.

Telegram and the service are answered in the process itself, at once; Valkey is real. The limit reads the
same updates and passes them through aiogram's own routing to one handler that does nothing: no store, no
claim of the update, no pace, no text, no answer.
"""

import asyncio
import gc
import itertools
import os
import resource
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import CallbackQuery, Chat, Message, Update

from bot.app import dispatcher
from bot.settings import Settings
from infra.bench.harness import percentile
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

TOKEN = "7000000001:bench-bench-bench"
AT_ONCE = 32  # people the bot talks to in the same moment
CHATS = 1_000
MEMORY_UPDATES, MEMORY_CHATS = 100_000, 20_000
GROWTH_MB_MAX = 40.0
# What people do: commands, a question in their own words, a button; a third asks the service.
DONE = (
    "/help",
    "мен сақтандырылғанмын ба?",
    "go:menu:",
    "сколько я должен?",
    "/policy",
    "go:help:",
)
STATUS = {
    "status": "CONSUMER",
    "until": "2026-04-30",
    "arrears": {"months": [], "amount_tiyn": 0},
    "explanation": "Сәуір айына жарна түскен.",
}


class Silent(BaseSession):
    """Telegram, as far away as nowhere: everything is well, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self._message = Message(
            message_id=1, date=datetime.now(UTC), chat=Chat(id=1, type="private"), text="…"
        )

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109  (aiogram's)
    ) -> TelegramType:
        """Count it."""
        self.calls += 1
        answer: Any = self._message if method.__returning__ is not bool else True
        return answer  # type: ignore[no-any-return]

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        """No files."""
        yield b""

    async def close(self) -> None:
        """Nothing is open."""


async def _service(request: httpx.Request) -> httpx.Response:
    """The citizens' API, as far as it is asked here."""
    if request.url.path.endswith("/status"):
        return httpx.Response(200, content=msgspec.json.encode(STATUS))
    return httpx.Response(404, json={"code": "NO_POLICY", "title": "", "detail": ""})


class BotUpdate:
    """Updates as bytes, the same on both sides, AT_ONCE of them under way."""

    name: ClassVar[str] = "bot-update"
    of: ClassVar[str] = "bare aiogram dispatcher that answers nothing"
    unit: ClassVar[str] = "updates"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._stack = AsyncExitStack()
        self._numbers = itertools.count(1)
        self._session = Silent()
        self._bot = Bot(TOKEN, session=self._session)
        self._ours: Dispatcher | None = None
        self._bare = _bare()

    async def setup(self, seconds: float) -> None:
        """Open the bot, and see that it answers what it is asked."""
        settings = Settings(
            token=TOKEN,
            valkey_url=self._scene.endpoints().valkey_url,
            key_prefix=f"bench:bot:{os.getpid()}",
            pace_updates=10**9,
        )
        self._ours = await self._stack.enter_async_context(
            dispatcher(settings, transport=httpx.MockTransport(_service))
        )
        for chat in range(1, CHATS + 1):
            await self._ours.fsm.storage.set_data(
                key=_key(self._bot, chat), data={"token": "bench-token"}
            )
        before = self._session.calls
        for n, _ in enumerate(DONE):
            await self._hand(self._ours, _update(next(self._numbers), 1, DONE[n]))
        if self._session.calls - before < len(DONE):
            raise BenchFailed("the bot left an update unanswered")

    async def ours(self, seconds: float) -> Measured:
        """The bot."""
        assert self._ours is not None
        return await self._round(self._ours, seconds)

    async def limit(self, seconds: float) -> Measured:
        """Reading and routing alone."""
        return await self._round(self._bare, seconds)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Memory over a hundred thousand updates of twenty thousand people."""
        assert self._ours is not None
        whole = seconds >= 1
        updates = MEMORY_UPDATES if whole else MEMORY_UPDATES // 50
        ours = self._ours
        await self._many(ours, updates // 10)  # what is loaded once is loaded
        gc.collect()
        before = _rss_mb()
        await self._many(ours, updates)
        gc.collect()
        grown = _rss_mb() - before
        if whole and grown > GROWTH_MB_MAX:
            raise BenchFailed(f"{updates} updates took {grown:.0f} MB that were not given back")
        return {
            "memory_updates": updates,
            "memory_before_mb": round(before, 1),
            "memory_grown_mb": round(grown, 1),
            "memory_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }

    async def teardown(self) -> None:
        """Forget the conversations."""
        import redis.asyncio as redis

        await self._stack.aclose()
        async with redis.from_url(self._scene.endpoints().valkey_url) as valkey:
            keys = [
                key async for key in valkey.scan_iter(f"bench:bot:{os.getpid()}:*", count=5_000)
            ]
            for start in range(0, len(keys), 5_000):
                await valkey.unlink(*keys[start : start + 5_000])

    async def _many(self, to: Dispatcher, updates: int) -> None:
        chats = itertools.cycle(range(1, MEMORY_CHATS + 1))

        async def one() -> None:
            while (n := next(left, None)) is not None:
                await self._hand(to, _update(next(self._numbers), next(chats), DONE[n % len(DONE)]))

        left = iter(range(updates))
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))

    async def _round(self, to: Dispatcher, seconds: float) -> Measured:
        numbers = self._numbers

        async def one(i: int) -> None:
            raw = _update(next(numbers), i % CHATS + 1, DONE[i % len(DONE)])
            await self._hand(to, raw)

        return await _until(seconds, one)

    async def _hand(self, to: Dispatcher, raw: bytes) -> None:
        update = Update.model_validate_json(raw, context={"bot": self._bot})
        await to.feed_update(self._bot, update)


def _bare() -> Dispatcher:
    """aiogram, and a handler for everything that does nothing."""
    made, router = Dispatcher(disable_fsm=True), Router()

    @router.message()
    async def message(_: Message) -> None:
        """Nothing."""

    @router.callback_query()
    async def press(_: CallbackQuery) -> None:
        """Nothing."""

    made.include_router(router)
    return made


def _key(bot: Bot, chat: int) -> Any:
    from aiogram.fsm.storage.base import StorageKey

    return StorageKey(bot.id, chat, chat)


def _update(number: int, chat: int, done: str) -> bytes:
    person = {"id": chat, "is_bot": False, "first_name": "A", "language_code": "kk"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": 1_775_448_000,
        "chat": {"id": chat, "type": "private", "first_name": "A"},
        "from": person,
        "text": done,
    }
    if done.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(done)}]
    body: dict[str, Any] = {"update_id": number}
    if done.startswith("go:"):
        query = {"id": str(number), "from": person, "chat_instance": "1", "data": done}
        body["callback_query"] = query | {"message": message | {"text": "…"}}
    else:
        body["message"] = message
    return msgspec.json.encode(body)


async def _until(seconds: float, one: Callable[[int], Awaitable[None]]) -> Measured:
    """AT_ONCE at a time until the time is over."""
    latencies: list[float] = []
    numbers = itertools.count()
    started, cpu = time.perf_counter(), time.process_time()
    end = started + seconds

    async def worker() -> None:
        while (begun := time.perf_counter()) < end:
            await one(next(numbers))
            latencies.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    elapsed, used = time.perf_counter() - started, time.process_time() - cpu
    latencies.sort()
    return Measured(
        done=len(latencies),
        elapsed_s=elapsed,
        p50_ms=percentile(latencies, 0.5),
        p99_ms=percentile(latencies, 0.99),
        cpu_us=used / max(1, len(latencies)) * 1e6,
    )


def _rss_mb() -> float:
    """What the process holds now."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
