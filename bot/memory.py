"""What the bot keeps beside the conversation's state, all of it in Valkey and all of it passing.

`lang`  the language a person chose (a year)
`link`  IIN and telephone between the question and the code (ten minutes, gone once linked)
`seen`  which updates were handled (a day)
`pace`  how many updates a chat sent in this window
`run`   which processes of the bot live (ten seconds)
`left`  chats that were left, until the service has heard of it (a month at most)
"""

import asyncio
import os
from contextlib import suppress
from enum import IntEnum
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.settings import Settings

LANGUAGE_S = 365 * 24 * 3600
SEEN_S = 24 * 3600
LEFT_S = 30 * 24 * 3600
ALIVE_S = 10  # a process silent for so long is dead: what it was handling is taken over
_BEAT_S = 2.0
_DONE = b"done"

# One round trip for what every update begins with. KEYS: seen, lang, pace. ARGV: this run, how long an
# update is remembered, the keys of living runs, the window of the pace.
_BEGIN = """
local claim = 1
local held = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'GET', 'EX', ARGV[2])
if held == 'done' then return {0, false, 0} end
if held and held ~= ARGV[1] then
    if redis.call('EXISTS', ARGV[3] .. held) == 1 then return {2, false, 0} end
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
local sent = redis.call('INCR', KEYS[3])
if sent == 1 then redis.call('EXPIRE', KEYS[3], ARGV[4]) end
return {1, redis.call('GET', KEYS[2]), sent}
"""


class Claim(IntEnum):
    """Whether an update may be handled here and now."""

    DONE = 0  # it had its effect
    MINE = 1
    ELSEWHERE = 2  # another living process is at it


class Begun(msgspec.Struct):
    """What is known as an update begins; `sent` counts the chat's updates in this window.

    `spoken`: the person was told something of it.
    """

    claim: Claim
    language: str | None
    sent: int
    spoken: bool = False


class Linking(msgspec.Struct, frozen=True):
    """What was typed so far on the way to a session; `consent`: given anew after a withdrawal."""

    iin: str
    phone: str = ""
    consent: bool = False


class Memory:
    """The bot's keys in Valkey."""

    # `valkey` is a redis.asyncio.Redis; its stubs answer str or bytes, ours answers bytes.
    def __init__(self, valkey: Any, settings: Settings) -> None:
        self._valkey = valkey
        self._settings = settings
        # Marks the updates this process is handling, so that those of a dead one are taken over.
        self._run = os.urandom(8).hex()
        self._runs = f"{settings.key_prefix}:run:"
        self._left = f"{settings.key_prefix}:left"
        self._begin = valkey.register_script(_BEGIN)
        self._unmarked: set[int] = set()  # had their effect, but Valkey could not be told

    def _key(self, kind: str, number: int) -> str:
        return f"{self._settings.key_prefix}:{kind}:{number}"

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

    async def leave(self, chat_id: int) -> None:
        """Nothing is to be told in this chat any more; the service is to hear of it."""
        await self._valkey.sadd(self._left, str(chat_id))
        await self._valkey.expire(self._left, LEFT_S)

    async def left(self) -> list[int]:
        """Chats the service has not heard of yet."""
        return [int(chat) for chat in await self._valkey.smembers(self._left)]

    async def forget_left(self, chat_id: int) -> None:
        """The service has heard, or the person has come back."""
        await self._valkey.srem(self._left, str(chat_id))

    async def begin(self, update_id: int, chat_id: int) -> Begun:
        """Claim the update for this process, count it, and tell the person's language.

        An update claimed by a process that is dead is taken over, and so is one this process failed
        at: a person's updates come one at a time (middleware.OneAtATime), so it is not under way.
        What was sent to the service carries the same idempotency key again.
        """
        if update_id in self._unmarked:
            await self.handled(update_id)
        keys = [
            self._key(kind, n)
            for kind, n in (("seen", update_id), ("lang", chat_id), ("pace", chat_id))
        ]
        settings = self._settings
        claim, language, sent = await self._begin(
            keys=keys, args=[self._run, SEEN_S, self._runs, settings.pace_window_s]
        )
        return Begun(Claim(claim), language.decode() if language else None, sent)

    async def handled(self, update_id: int) -> None:
        """The update had its effect; without Valkey this process keeps that in mind. Raises RedisError."""
        self.note_handled(update_id)
        await self._valkey.set(self._key("seen", update_id), _DONE, ex=SEEN_S)
        self._unmarked.discard(update_id)

    def note_handled(self, update_id: int) -> None:
        """The update had its effect, and Valkey is to be told when it answers."""
        self._unmarked.add(update_id)

    async def unclaim(self, update_id: int) -> None:
        """The update had no effect: let it come again."""
        with suppress(RedisError):  # then the claim stays this run's, which may repeat it
            await self._valkey.delete(self._key("seen", update_id))

    async def live(self) -> None:
        """Say every two seconds that this process lives, until cancelled."""
        while True:
            with suppress(RedisError):
                await self.beat()
            await asyncio.sleep(_BEAT_S)

    async def beat(self) -> None:
        """Say so once. Raises RedisError."""
        await self._valkey.set(self._runs + self._run, b"", ex=ALIVE_S)

    async def rest(self) -> None:
        """This process ends: what it did not finish may be taken over at once."""
        with suppress(RedisError):
            await self._valkey.delete(self._runs + self._run)
