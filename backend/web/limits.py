"""How often one may ask: counters in Valkey, in windows of the injected clock.

Count by what is verified (the session, the organisation) or by the address the connection comes
from: never by a header that anyone may write (FAULTS 12, 13). What is counted is hidden behind the
keyed hash. Without Valkey nobody is let through: the door is closed, not open.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from redis.exceptions import RedisError

from backend.kernel.errors import TooMany, Unavailable
from backend.kernel.resources import Resources

TEN_MINUTES = timedelta(minutes=10)


CHAT = "chat/"  # begins the name of a chat that the bot vouches for (guards.address_of)


class Limit(msgspec.Struct, frozen=True):
    """At most `most` in one `window`; `name` tells its counters from those of other limits.

    Of guests counted by address, `chat_most` is for one chat of the bot: behind an address may stand
    a clinic or a whole operator, in a chat sits one person.
    """

    name: str
    most: int
    window: timedelta = TEN_MINUTES
    chat_most: int | None = None

    def of(self, whose: str) -> int:
        """How many this one may have."""
        if self.chat_most is not None and whose.startswith(CHAT):
            return self.chat_most
        return self.most


async def count(resources: Resources, *counted: tuple[Limit, str]) -> list[int]:
    """Count one request under each (limit, whose); how many each has had in its window by now.

    All are counted before any refuses, so that an answer does not tell which one it was. Raises
    TooMany when any is exceeded, SourceUnavailable without Valkey.
    """
    now = int(resources.clock.now().timestamp())
    # Two services behind one Valkey, told apart by their databases, do not count for each other.
    service = urlsplit(resources.config.database_url).path.strip("/")
    try:
        async with resources.valkey.pipeline(transaction=True) as pipe:
            for limit, whose in counted:
                seconds = int(limit.window.total_seconds())
                hidden = resources.keyring.lookup(limit.name, whose).hex()
                key = f"limit:{service}:{limit.name}:{now // seconds}:{hidden}"
                pipe.incr(key)
                pipe.expire(key, seconds)
            answers: list[int] = (await pipe.execute())[::2]
    except RedisError:
        raise Unavailable(source="valkey") from None
    waits = [
        int(limit.window.total_seconds()) - now % int(limit.window.total_seconds())
        for n, (limit, whose) in zip(answers, counted, strict=True)
        if n > limit.of(whose)
    ]
    if waits:
        raise TooMany(retry_after_s=max(waits))
    return answers
