"""Ask whether a subscriber number is registered to a person.

    POST {bmg_url}/subscribers/check  {"iin": "…", "phone": "+77011234567"}
    -> 200 {"linked": true|false}

A base that does not answer makes OTP unavailable; ECP stays (domain 7.1, row 7).
"""

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange


class Subscriber(msgspec.Struct, frozen=True):
    """The question: is this number this person's?"""

    iin: str
    phone: str


class Link(msgspec.Struct, frozen=True):
    """The answer."""

    linked: bool


async def is_linked(http: httpx.AsyncClient, config: Config, iin: str, phone: str) -> bool:
    """Whether the operator registered `phone` (E.164) to `iin`. Raises SourceUnavailable."""
    link = await exchange.post_json(
        http,
        "bmg",
        config.bmg_url,
        "/subscribers/check",
        Subscriber(iin, phone),
        Link,
        timeout_s=config.source_timeout_s,
    )
    return link.linked
