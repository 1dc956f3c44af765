"""Updates posted by Telegram instead of asked for: one small web server with a secret token."""

import asyncio
import signal

from aiogram import Bot, Dispatcher
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from yarl import URL

from bot.settings import Settings


async def serve(bot: Bot, dispatcher: Dispatcher, settings: Settings) -> None:
    """Listen until SIGINT or SIGTERM; Telegram is told the address and the secret.

    An answer comes after the update was handled, so that one interrupted by a stop comes again.
    """
    application = web.Application()
    handler = SimpleRequestHandler(
        dispatcher, bot, handle_in_background=False, secret_token=settings.webhook_secret
    )
    handler.register(application, path=URL(settings.webhook_url).path or "/")
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        site = web.TCPSite(runner, settings.webhook_host, settings.webhook_port)
        await site.start()
        await bot.set_webhook(
            settings.webhook_url,
            secret_token=settings.webhook_secret,
            allowed_updates=["message", "callback_query"],
        )
        await stop.wait()
    finally:
        await runner.cleanup()
