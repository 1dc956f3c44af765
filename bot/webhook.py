"""Updates posted by Telegram instead of asked for: one small web server with a secret token."""

import asyncio
import hmac
import logging
import signal

from aiogram import Bot, Dispatcher
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError
from yarl import URL

from bot.errors import LATER
from bot.settings import UPDATES, Settings

log = logging.getLogger("bot")
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (the header's name)


def application(bot: Bot, dispatcher: Dispatcher, settings: Settings) -> web.Application:
    """The server. An answer comes after the update was handled; 503 asks for it once more."""

    async def take(request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET, "")
        if not hmac.compare_digest(given.encode(), settings.webhook_secret.encode()):
            return web.Response(status=401)
        try:
            update = Update.model_validate_json(await request.read(), context={"bot": bot})
        except ValidationError:
            return web.Response(status=400)
        try:
            await dispatcher.feed_update(bot, update)
        except LATER as e:
            log.warning("an update is to come again: %s", type(e).__name__)
            return web.Response(status=503)
        except Exception as e:
            # A defect, logged by its kind alone: what the person wrote may stand in its text.
            log.error("an update could not be handled: %s", type(e).__name__)
        return web.Response()

    made = web.Application()
    made.router.add_post(URL(settings.webhook_url).path or "/", take)
    return made


async def serve(bot: Bot, dispatcher: Dispatcher, settings: Settings) -> None:
    """Listen until SIGINT or SIGTERM; Telegram is told the address and the secret."""
    runner = web.AppRunner(application(bot, dispatcher, settings), access_log=None)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        site = web.TCPSite(runner, settings.webhook_host, settings.webhook_port)
        await site.start()
        await bot.set_webhook(
            settings.webhook_url, secret_token=settings.webhook_secret, allowed_updates=UPDATES
        )
        await stop.wait()
    finally:
        await runner.cleanup()
