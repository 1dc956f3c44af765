"""Notices, told once each: taken from the service, said in the chat, reported.

A notice is taken under a number the bot makes up; whatever is lost on the way between the two is asked
for, or reported, again under that number. What Telegram may or may not have shown is never said again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.utils.backoff import Backoff, BackoffConfig
from aiohttp import ClientConnectorError
from redis.exceptions import RedisError

from bot import keyboards
from bot.errors import BackendDown, Refused, TooOften
from bot.memory import Memory
from bot.model import Facts, Notice
from bot.own_session import NoSession, OwnSession
from bot.words import Ready, Words

log = logging.getLogger("bot")
T = TypeVar("T")
TOPICS = ("POLICY_ISSUED", "SERVICE_BILLED", "COMPLAINT_ANSWERED", "STATUS_LAPSING")
ANSWERED = ("SATISFIED", "PARTLY", "DENIED")
SENDERS = 4  # Telegram takes thirty messages a second of one bot; a sender says about ten
_IDLE_S = 2.0
_AGAIN = BackoffConfig(min_delay=0.2, max_delay=10, factor=2, jitter=0.1)
_LATER_S = 30


class Teller:
    """Tells notices until it is stopped; what it has taken it finishes."""

    def __init__(
        self, bot: Bot, own: OwnSession, memory: Memory, *, idle_s: float = _IDLE_S
    ) -> None:
        self._bot = bot
        self._own = own
        self._memory = memory
        self._idle_s = idle_s
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Take no more."""
        self._stop.set()

    async def run(self) -> None:
        """Tell, several at a time."""
        await asyncio.gather(self._leave(), *(self._send() for _ in range(SENDERS)))

    async def _send(self) -> None:
        while not self._stop.is_set():
            try:
                told = await self._one()
            except (NoSession, Refused):
                told = False
            if not told:
                await self._pause(self._idle_s)

    async def _one(self) -> bool:
        """Tell the next notice; False when there is none, or when Telegram is away."""
        claim_id = str(uuid4())
        claimed = await self._insist(lambda: self._own.claim(claim_id))
        if claimed is None or claimed.notice is None:
            return False
        outcome, wait_s = await self._say(claimed.notice)
        # Stopped or not, what became of it is reported: until then it is nobody else's.
        await self._insist(lambda: self._own.report(claim_id, outcome, wait_s), even_stopped=True)
        return outcome in ("SENT", "BLOCKED")

    async def _say(self, notice: Notice) -> tuple[str, int]:
        words = Words(notice.language)
        keyboard = keyboards.notice(words, notice.topic)
        try:
            await self._bot.send_message(
                int(notice.chat),
                notice_text(words, notice.topic, notice.facts),
                reply_markup=keyboard,
            )
        except TelegramRetryAfter as e:
            return "LATER", min(e.retry_after, 3600)
        except (TelegramForbiddenError, TelegramBadRequest):
            return "BLOCKED", 0
        except TelegramNetworkError as e:
            # Never connected: never said. Anything else may have been shown.
            return "LATER" if isinstance(
                e.__context__, ClientConnectorError
            ) else "UNSURE", _LATER_S
        except (TelegramServerError, TelegramAPIError) as e:
            log.warning("a notice is in doubt: %s", type(e).__name__)
            return "UNSURE", 0
        return "SENT", 0

    async def _leave(self) -> None:
        """Tell the service which chats were left, until it has heard."""
        while not self._stop.is_set():
            try:
                for chat in await self._memory.left():
                    await self._own.leave(chat)
                    await self._memory.forget_left(chat)
            except (NoSession, BackendDown, TooOften, Refused, RedisError):
                pass
            await self._pause(self._idle_s)

    async def _insist(
        self, ask: Callable[[], Awaitable[T]], *, even_stopped: bool = False
    ) -> T | None:
        """Ask until the service answers; None when stopped meanwhile."""
        backoff = Backoff(config=_AGAIN)
        while True:
            try:
                return await ask()
            except (BackendDown, TooOften):
                if self._stop.is_set() and (not even_stopped or backoff.counter > 3):
                    return None
                await self._pause(next(backoff))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return


def notice_text(words: Words, topic: str, facts: Facts) -> Ready:
    """What a notice says; never a clinic, a service or an illness."""
    if topic == "POLICY_ISSUED" and facts.valid_from and facts.valid_to:
        days = {"from": words.day(facts.valid_from), "to": words.day(facts.valid_to)}
        return words("notice-POLICY_ISSUED", **days)
    if topic == "SERVICE_BILLED":
        return words("notice-SERVICE_BILLED", count=facts.count or 1)
    if topic == "COMPLAINT_ANSWERED":
        status = f"complaint-status-{facts.outcome}"
        return words(
            "notice-COMPLAINT_ANSWERED" if facts.outcome in ANSWERED else "notice-COMPLAINT_MOVED",
            number=facts.number or "",
            status=words(status if words.has(status) else "complaint-status-IN_REVIEW"),
        )
    if topic == "STATUS_LAPSING" and facts.until:
        return words("notice-STATUS_LAPSING", until=words.day(facts.until))
    return words("notice-other")
