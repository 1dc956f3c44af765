"""The bot's process: open what it needs, listen to Telegram, close."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import redis.asyncio as redis
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNetworkError
from aiogram.fsm.storage.base import DefaultKeyBuilder
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import BotCommand, LinkPreviewOptions
from aiogram.utils.backoff import Backoff, BackoffConfig
from redis.exceptions import RedisError

from bot.api_client import open_http
from bot.handlers import routers
from bot.keyboards import COMMANDS
from bot.memory import Memory
from bot.middleware import MakeTurn, Once, OneAtATime, Patience
from bot.own_session import OwnSession, Sign
from bot.polling import Polling
from bot.service import Service
from bot.settings import TELEGRAM_URL, Settings
from bot.telling import Teller
from bot.words import LANGUAGES, SOURCE, Words

log = logging.getLogger("bot")
_PATIENCE = BackoffConfig(min_delay=0.2, max_delay=10, factor=1.5, jitter=0.1)


class Conversations(RedisStorage):
    """The conversations' states in Valkey."""

    async def close(self) -> None:
        """The one who opened Valkey closes it, when nothing is under way any more."""


def make_bot(settings: Settings) -> Bot:
    """The client of the Bot API, here or at a stand-in."""
    server = TelegramAPIServer.from_base(settings.telegram_url or TELEGRAM_URL)
    session = AiohttpSession(api=server)
    session.middleware(Patience())
    return Bot(
        settings.token,
        session=session,
        default=DefaultBotProperties(
            parse_mode=ParseMode.HTML, link_preview=LinkPreviewOptions(is_disabled=True)
        ),
    )


@asynccontextmanager
async def dispatcher(
    settings: Settings,
    sign: Sign | None = None,
    *,
    tells: Bot | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Dispatcher]:
    """The dispatcher with its conversations in Valkey; closed at the end.

    With `sign` the bot opens a session of its own; `tells` is then the bot that tells notices. The
    service is reached over HTTP unless another `transport` is given.
    """
    # A flood waits for a connection instead of opening hundreds.
    pool = redis.BlockingConnectionPool.from_url(
        settings.valkey_url, max_connections=settings.valkey_connections
    )
    valkey = redis.Redis(connection_pool=pool)
    storage = Conversations(
        valkey,
        key_builder=DefaultKeyBuilder(prefix=f"{settings.key_prefix}:fsm", with_bot_id=True),
        state_ttl=settings.session_s,
        data_ttl=settings.session_s,
    )
    memory = Memory(valkey, settings)
    async with open_http(settings, transport) as http:
        isolation = OneAtATime()
        service = Service(http, OwnSession(http, sign), isolation)
        made = Dispatcher(storage=storage, events_isolation=isolation)
        made.update.outer_middleware(Once(memory))
        made.update.outer_middleware(MakeTurn(memory, service, settings))
        made.include_routers(*routers())
        await beat(memory)
        living = asyncio.create_task(memory.live())
        try:
            async with _telling(tells, service.own, memory):
                yield made
        finally:
            living.cancel()
            await service.close()
            await memory.rest()
            await valkey.aclose()
            await pool.aclose()


@asynccontextmanager
async def _telling(bot: Bot | None, own: OwnSession, memory: Memory) -> AsyncIterator[None]:
    """Notices are told meanwhile; what was taken is finished."""
    if bot is None or not own.possible:
        yield
        return
    teller = Teller(bot, own, memory)
    task = asyncio.create_task(teller.run())
    try:
        yield
    finally:
        teller.stop()
        await task


async def beat(memory: Memory) -> None:
    """Wait until Valkey answers; without it no update is taken."""
    backoff = Backoff(config=_PATIENCE)
    while True:
        try:
            await memory.beat()
        except RedisError:
            log.warning("Valkey does not answer; trying again in %.1f s", backoff.next_delay)
            await backoff.asleep()
        else:
            return


async def reach(bot: Bot) -> None:
    """Wait until Telegram answers; the bot may be started before its network is there."""
    backoff = Backoff(config=_PATIENCE)
    while True:
        try:
            await bot.me()
        except TelegramNetworkError:
            log.warning("Telegram does not answer; trying again in %.1f s", backoff.next_delay)
            await backoff.asleep()
        else:
            return


async def tell_commands(bot: Bot) -> None:
    """The menu of commands, in each language; Kazakh for all others."""
    for language in LANGUAGES:
        words = Words(language)
        commands = [
            BotCommand(command=name, description=words.button(f"command-{name}"))
            for name in COMMANDS
        ]
        await bot.set_my_commands(commands, language_code=language)
        if language == SOURCE:
            await bot.set_my_commands(commands)


async def poll(bot: Bot, listening: Dispatcher, settings: Settings) -> None:
    """Listen until SIGINT or SIGTERM."""
    polling = Polling(bot, listening, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, polling.stop)
    await polling.run()


async def run(settings: Settings, sign: Sign | None = None) -> None:
    """Talk to people until told to stop; `sign` is the key of the bot's information system."""
    bot = make_bot(settings)
    async with dispatcher(settings, sign, tells=bot) as listening:
        try:
            await reach(bot)
            await tell_commands(bot)
            if settings.webhook_url:
                from bot.webhook import serve

                await serve(bot, listening, settings)
            else:
                await bot.delete_webhook()
                await poll(bot, listening, settings)
        finally:
            await bot.session.close()
