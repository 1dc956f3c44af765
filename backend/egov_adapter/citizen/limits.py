"""How often one may ask: counters in Valkey, in windows of the injected clock.

Counted are the number, the person and the address the connection comes from: never a header that
anyone may write (FAULTS 12, 13). Values are hidden behind the keyed hash. Without Valkey nobody is
let through: the door is closed, not open.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from redis.exceptions import RedisError

from backend.kernel.errors import TooMany
from backend.kernel.resources import Resources
from backend.sources.exchange import SourceUnavailable

WINDOW = timedelta(minutes=10)


class Limit(msgspec.Struct, frozen=True):
    """At most `most` in one WINDOW."""

    name: str
    most: int


OTP_PER_PHONE = Limit("otp-phone", 5)
OTP_PER_PERSON = Limit("otp-person", 5)
# Behind one address may stand a clinic's network or an operator's gateway.
OTP_PER_ADDRESS = Limit("otp-address", 300)
LOGIN_PER_PERSON = Limit("login-person", 30)
LOGIN_PER_ADDRESS = Limit("login-address", 600)
ECP_PER_ADDRESS = Limit("ecp-address", 3000)  # nothing is guessed here, only worked for
TRACK_PER_ADDRESS = Limit("track-address", 300)


async def count(resources: Resources, *counted: tuple[Limit, str]) -> None:
    """Count one request under each (limit, whose); TooMany when any is exceeded.

    All are counted before any refuses, so that an answer does not tell which one it was.
    """
    seconds = int(WINDOW.total_seconds())
    # Two services behind one Valkey, told apart by their databases, do not count for each other.
    service = urlsplit(resources.config.database_url).path.strip("/")
    now = int(resources.clock.now().timestamp())
    keys = [
        f"limit:{service}:{limit.name}:{now // seconds}:{resources.keyring.lookup(limit.name, whose).hex()}"
        for limit, whose in counted
    ]
    try:
        async with resources.valkey.pipeline(transaction=True) as pipe:
            for key in keys:
                pipe.incr(key)
                pipe.expire(key, seconds)
            answers = await pipe.execute()
    except RedisError:
        raise SourceUnavailable(source="valkey") from None
    if any(n > limit.most for n, (limit, _) in zip(answers[::2], counted, strict=True)):
        raise TooMany(retry_after_s=seconds - now % seconds)
