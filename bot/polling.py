"""Long polling that confirms an update only once it was handled.

aiogram's own confirms what it has merely begun: killed at that moment, it loses the update. Here
Telegram keeps each until it had its effect, and Valkey tells which had (memory.Memory.begin).
"""

import asyncio
import logging

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig

from bot.errors import LATER
from bot.settings import UPDATES, Settings

log = logging.getLogger("bot")
_PATIENCE = BackoffConfig(min_delay=0.2, max_delay=10, factor=1.5, jitter=0.1)
_AGAIN = BackoffConfig(min_delay=0.1, max_delay=2, factor=1.5, jitter=0.1)
_LOOK_S = 0.25  # while updates are under way, new ones are asked for so often


class Polling:
    """One bot's updates, asked for until told to stop."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, settings: Settings) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._settings = settings
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._next = 0  # one above the last number begun
        self._begun: set[int] = set()  # numbers Telegram still delivers with those under way
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask for no more; what has begun is finished."""
        self._stop.set()

    async def run(self) -> None:
        """Ask and hand out until stopped."""
        stopped = asyncio.create_task(self._stop.wait())
        backoff = Backoff(config=_PATIENCE)
        try:
            while not stopped.done():
                asked = asyncio.create_task(self._ask())
                await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not asked.done():
                    asked.cancel()
                    break
                try:
                    self._begin(asked.result())
                    backoff.reset()
                except (TelegramNetworkError, TelegramServerError) as e:
                    log.warning("Telegram does not answer: %s", type(e).__name__)
                    await asyncio.wait({stopped}, timeout=next(backoff))
                    continue
                if self._under_way:
                    pending = {stopped, *self._under_way.values()}
                    await asyncio.wait(
                        pending, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED
                    )
        finally:
            stopped.cancel()
            await self._finish()

    async def _ask(self) -> list[Update]:
        """The updates from the oldest that is not handled; none below it comes again."""
        waiting_s = 0 if self._under_way else self._settings.polling_timeout_s
        oldest = min(self._under_way, default=self._next)
        self._begun = {number for number in self._begun if number >= oldest}
        return await self._bot.get_updates(
            offset=oldest or None,
            limit=self._settings.updates_at_once,
            timeout=waiting_s,
            allowed_updates=UPDATES,
            request_timeout=waiting_s + 10,
        )

    def _begin(self, updates: list[Update]) -> None:
        for update in updates:
            if update.update_id in self._begun:
                continue  # under way, or handled while an older one still is
            self._begun.add(update.update_id)
            # After a quiet week Telegram counts anew from anywhere: the last, not the largest.
            self._next = update.update_id + 1
            self._under_way[update.update_id] = asyncio.create_task(self._handle(update))

    async def _handle(self, update: Update) -> None:
        try:
            await self._hand_out(update)
        finally:
            del self._under_way[update.update_id]

    async def _hand_out(self, update: Update) -> None:
        """Until it had its effect; a defect is told and passed over."""
        backoff = Backoff(config=_AGAIN)
        while True:
            try:
                await self._dispatcher.feed_update(self._bot, update)
            except LATER as e:
                log.warning("an update is tried again: %s", type(e).__name__)
                await asyncio.sleep(next(backoff))
            except Exception as e:
                # Logged by its kind alone: what the person wrote may stand in its text.
                log.error("an update could not be handled: %s", type(e).__name__)
                return
            else:
                return

    async def _finish(self) -> None:
        """What has begun is finished, or left to come again."""
        if self._under_way:
            _, left = await asyncio.wait(self._under_way.values(), timeout=self._settings.stop_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
