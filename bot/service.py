"""What of the service every turn needs: its connections, the bot's own session, and what runs beside."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
from aiogram.fsm.storage.base import BaseEventIsolation

from bot.api_client import CitizenApi
from bot.own_session import NoSession, OwnSession

BESIDE_MAX = 200  # people waited for at once; the others press a button instead


class Service:
    """One for the process."""

    def __init__(
        self, http: httpx.AsyncClient, own: OwnSession, isolation: BaseEventIsolation
    ) -> None:
        self.http = http
        self.own = own
        self.isolation = isolation
        self._beside: set[asyncio.Task[None]] = set()

    async def guest(self, language: str, chat_id: int) -> CitizenApi:
        """The service, asked for somebody who is not linked."""
        try:
            token = await self.own.token()
        except NoSession:
            return CitizenApi(self.http, language)
        return CitizenApi(self.http, language, token, chat=str(chat_id))

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run on after the answer, if there is room."""
        if len(self._beside) >= BESIDE_MAX:
            work.close()
            return
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def close(self) -> None:
        """End what runs beside."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
