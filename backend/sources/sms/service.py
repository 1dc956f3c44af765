"""Send an SMS.

    POST {sms_url}/messages  {"message_id": uuid, "to": "+77011234567", "text": "…"}
    -> 202 {"message_id": uuid, "status": "ACCEPTED"}

The gateway keeps message ids: the same id again is one message.
"""

from uuid import UUID

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable


class Message(msgspec.Struct, frozen=True):
    """What the gateway is asked to send; `to` is E.164."""

    message_id: UUID
    to: str
    text: str


class Accepted(msgspec.Struct, frozen=True):
    """The gateway's answer."""

    message_id: UUID
    status: str


async def send(http: httpx.AsyncClient, config: Config, message: Message) -> None:
    """Hand `message` to the gateway. Raises SourceUnavailable unless the gateway accepts it."""
    accepted = await exchange.post_json(
        http,
        "sms",
        config.sms_url,
        "/messages",
        message,
        Accepted,
        timeout_s=config.source_timeout_s,
    )
    if accepted.status != "ACCEPTED" or accepted.message_id != message.message_id:
        raise SourceUnavailable(source="sms")
