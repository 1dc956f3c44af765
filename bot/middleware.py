"""Before a handler runs: once per update, not too fast, only in private, in the right language."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from aiogram import BaseMiddleware, Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramRetryAfter
from aiogram.fsm.storage.base import BaseEventIsolation, StorageKey
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Message, TelegramObject, Update

from bot.errors import LATER, HeldElsewhere
from bot.memory import Begun, Claim, Memory
from bot.service import Service
from bot.settings import Settings
from bot.turn import Turn
from bot.words import Words, language_for

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
_PATIENCE = 3
_WAIT_MAX_S = 30


class OneAtATime(BaseEventIsolation):
    """A person's updates one after another, in order; locks nobody holds are let go."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[StorageKey, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        """Wait for this person's turn."""
        mine = self._locks.setdefault(key, asyncio.Lock())
        async with mine:
            yield

    async def close(self) -> None:
        """Nothing is held outside the process."""


class Once(BaseMiddleware):
    """One update, one effect, however often Telegram delivers it and on however many ways (FAULTS 5)."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle an update that is new. Raises one of errors.LATER when it is to come again."""
        assert isinstance(event, Update)
        person = data.get("event_from_user")
        if person is None:
            return None
        begun = await self._memory.begin(event.update_id, person.id)
        if begun.claim is Claim.DONE:
            return None
        if begun.claim is Claim.ELSEWHERE:
            raise HeldElsewhere
        data["begun"] = begun
        try:
            result = await handler(event, data)
        except asyncio.CancelledError:
            await asyncio.shield(self._memory.unclaim(event.update_id))
            raise
        except LATER:
            if begun.spoken:  # what was said is not said again
                self._memory.note_handled(event.update_id)
            else:
                await self._memory.unclaim(event.update_id)
            raise
        except Exception:
            # The person is told of it (handlers/errors.py): that was the effect.
            await self._memory.handled(event.update_id)
            raise
        await self._memory.handled(event.update_id)
        return result


class MakeTurn(BaseMiddleware):
    """Turn an update into a Turn; groups and floods are answered here."""

    def __init__(self, memory: Memory, service: Service, settings: Settings) -> None:
        self._memory = memory
        self._service = service
        self._settings = settings

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Give the handlers their `turn`."""
        assert isinstance(event, Update)
        inner = event.message or event.callback_query
        if inner is None or inner.from_user is None:
            return None
        person, bot = inner.from_user, data["bot"]
        begun: Begun = data["begun"]
        words = Words(language_for(begun.language, person.language_code))
        said = inner if isinstance(inner, Message) else inner.message
        place = said.chat if said is not None else None
        if place is not None and place.type != "private":
            return await _call_aside(bot, place.id, words)
        if not await self._in_pace(bot, person.id, words, begun.sent):
            return None
        turn = Turn(
            bot=bot,
            event=inner,
            chat_id=person.id,
            words=words,
            state=data["state"],
            memory=self._memory,
            service=self._service,
            waiting=data.get("raw_state"),
            # Handled once more, the update sends the service the same commands.
            key=f"tg-{bot.id}-{person.id}-{event.update_id}",
        )
        data["turn"] = turn  # the errors' handlers find it there, too
        try:
            result = await handler(event, data)
        finally:
            begun.spoken = turn.spoken
        await turn.settle()
        return result

    async def _in_pace(self, bot: Bot, chat_id: int, words: Words, sent: int) -> bool:
        """Is this chat slow enough? Said once in a window; the rest of a flood gets silence."""
        if sent == self._settings.pace_updates + 1:
            await bot.send_message(chat_id, words("slow-down"))
        return sent <= self._settings.pace_updates


async def _call_aside(bot: Bot, chat_id: int, words: Words) -> None:
    """In a group nothing is shown of anybody."""
    username = (await bot.me()).username or ""
    await bot.send_message(chat_id, words("private-only", username=username))


class Patience(BaseRequestMiddleware):
    """When Telegram asks the bot to wait, wait and say it again."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Call Telegram, at most _PATIENCE times more."""
        for _ in range(_PATIENCE):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as e:
                if e.retry_after > _WAIT_MAX_S:
                    raise
                await asyncio.sleep(e.retry_after)
        return await make_request(bot, method)
