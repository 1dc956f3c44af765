"""The bot's own session with the service, opened with the certificate of its information system.

With it the service counts guests' requests by chat and hands out notices. Without a key the bot still
answers everybody: as a guest, counted by its address, and without notices.
"""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from bot.api_client import Asker
from bot.errors import NotLinked, Refused
from bot.model import BotSession, Challenge, Choice, Claimed

log = logging.getLogger("bot")
T = TypeVar("T")
Sign = Callable[[bytes], Awaitable[bytes]]  # a detached CMS over the bytes
_RENEW_S = 120.0  # before the end
_LIFE_S = 2700.0  # where the service keeps another time than this machine (the demo's clock leaps)
_REFUSED_S = 60.0  # a refusal is not asked for again at once


class NoSession(Exception):
    """The bot has no key, or the service knows it not: it is a guest."""


class OwnSession:
    """Opened when first needed, and anew before it ends."""

    def __init__(self, http: httpx.AsyncClient, sign: Sign | None) -> None:
        self._http = http
        self._sign = sign
        self._session: BotSession | None = None
        self._renew_at = 0.0
        self._refused_at = -_REFUSED_S
        self._lock = asyncio.Lock()

    @property
    def possible(self) -> bool:
        """Whether the bot has a key at all."""
        return self._sign is not None

    async def token(self) -> str:
        """The token of a session that lives. Raises NoSession, BackendDown, TooOften."""
        async with self._lock:
            held, now = self._session, asyncio.get_running_loop().time()
            if held is not None and now < self._renew_at:
                return held.token
            if self._sign is None or now - self._refused_at < _REFUSED_S:
                raise NoSession
            try:
                self._session = await self._open(self._sign)
            except Refused as e:
                log.error("the service does not know this bot: %s", e.problem.code)
                self._refused_at = now
                raise NoSession from None
            life_s = (self._session.expires_at - datetime.now(UTC)).total_seconds()
            self._renew_at = now + (life_s if life_s > _RENEW_S else _LIFE_S) - _RENEW_S
            return self._session.token

    async def _open(self, sign: Sign) -> BotSession:
        service = Asker(self._http, {})
        challenge: Challenge = await service.post("/login/challenges", None, Challenge)
        signature = base64.b64encode(await sign(base64.b64decode(challenge.document)))
        body = {"challenge_id": challenge.challenge_id, "signature": signature.decode()}
        session: BotSession = await service.post("/login/sessions", body, BotSession)
        return session

    async def _post(self, path: str, body: Any, kind: type[T] | None) -> Any:
        """As the bot; a session the service has forgotten is opened anew, once."""
        for last in (False, True):
            token = await self.token()
            try:
                headers = {"Authorization": f"Bearer {token}"}
                return await Asker(self._http, headers).post(path, body, kind)
            except NotLinked:
                if self._session is not None and self._session.token == token:
                    self._session = None
                if last:
                    raise NoSession from None
        raise AssertionError("the second time returns or raises")

    async def connect(self, chat: int, token: str, language: str, choice: Choice) -> Choice:
        """Keep what the person of `token` chose in this chat. Raises Refused when the session ended."""
        body = {
            "chat": str(chat),
            "token": token,
            "language": language,
            "topics": choice.topics,
            "quiet": choice.quiet,
        }
        kept: Choice = await self._post("/bot/chats", body, Choice)
        return kept

    async def leave(self, chat: int) -> None:
        """Tell nothing in this chat any more."""
        await self._post("/bot/chats/left", {"chat": str(chat)}, None)

    async def speak(self, chat: int, language: str) -> None:
        """Tell this chat in another language."""
        await self._post("/bot/chats/language", {"chat": str(chat), "language": language}, None)

    async def claim(self, claim_id: str) -> Claimed:
        """The next notice; with the same number again the same one."""
        claimed: Claimed = await self._post("/bot/notices/claims", {"claim_id": claim_id}, Claimed)
        return claimed

    async def report(self, claim_id: str, outcome: str, retry_after_s: int) -> None:
        """What became of a notice."""
        body = {"claim_id": claim_id, "outcome": outcome, "retry_after_s": retry_after_s}
        await self._post("/bot/notices/reports", body, None)
