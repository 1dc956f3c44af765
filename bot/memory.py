"""What the bot keeps beside the conversation's state, all of it in Valkey and all of it passing.

`lang`  the language a person chose (a year)
`link`  IIN and telephone between the question and the code (ten minutes, gone once linked)
`seen`  which updates were handled (a day)
`pace`  how many updates a chat sent in this window
"""

import os
from typing import Any

import msgspec

from bot.settings import Settings

LANGUAGE_S = 365 * 24 * 3600
SEEN_S = 24 * 3600


class Linking(msgspec.Struct, frozen=True):
    """What was typed so far on the way to a session."""

    iin: str
    phone: str = ""


class Memory:
    """The bot's keys in Valkey."""

    # `valkey` is a redis.asyncio.Redis; its stubs answer str or bytes, ours answers bytes.
    def __init__(self, valkey: Any, settings: Settings) -> None:
        self._valkey = valkey
        self._settings = settings
        # Marks the updates this process is handling, so that those of a dead one are taken over.
        self._run = os.urandom(8).hex()

    def _key(self, kind: str, number: int) -> str:
        return f"{self._settings.key_prefix}:{kind}:{number}"

    async def language(self, chat_id: int) -> str | None:
        """The language this person chose, if they did."""
        found: bytes | None = await self._valkey.get(self._key("lang", chat_id))
        return found.decode() if found else None

    async def choose_language(self, chat_id: int, language: str) -> None:
        """Remember the choice."""
        await self._valkey.set(self._key("lang", chat_id), language, ex=LANGUAGE_S)

    async def linking(self, chat_id: int) -> Linking | None:
        """What was typed so far, or None when it took too long."""
        found: bytes | None = await self._valkey.get(self._key("link", chat_id))
        return msgspec.json.decode(found, type=Linking) if found else None

    async def keep_linking(self, chat_id: int, linking: Linking) -> None:
        """Keep what was typed, briefly."""
        await self._valkey.set(
            self._key("link", chat_id), msgspec.json.encode(linking), ex=self._settings.linking_s
        )

    async def forget_linking(self, chat_id: int) -> None:
        """The numbers are not needed any more."""
        await self._valkey.delete(self._key("link", chat_id))

    async def claim(self, update_id: int) -> bool:
        """May this update be handled? Once: not when it was handled, nor while it is.

        A claim of another run is taken over: one bot listens at a time, so that run is dead, and
        what it sent to the service carries the same idempotency key again.
        """
        key = self._key("seen", update_id)
        before: bytes | None = await self._valkey.set(key, self._run, nx=True, ex=SEEN_S, get=True)
        if before is None:
            return True
        if before.decode() in ("done", self._run):
            return False
        await self._valkey.set(key, self._run, ex=SEEN_S)
        return True

    async def handled(self, update_id: int) -> None:
        """The update had its effect."""
        await self._valkey.set(self._key("seen", update_id), "done", ex=SEEN_S)

    async def unclaim(self, update_id: int) -> None:
        """The bot was stopped before the update had its effect: let it come again."""
        await self._valkey.delete(self._key("seen", update_id))

    async def pace(self, chat_id: int) -> int:
        """Count one more update of this chat; how many there were in the window."""
        key = self._key("pace", chat_id)
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, self._settings.pace_window_s, nx=True)
            count, _ = await pipe.execute()
        return int(count)
