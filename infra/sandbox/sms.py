"""The SMS gateway and the mobile citizens base (BMG), as the service's adapters call them."""

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from infra.sandbox.state import Sandbox


class Sms(msgspec.Struct, frozen=True):
    """A message to be sent."""

    message_id: str
    to: str
    text: str


class Subscriber(msgspec.Struct, frozen=True):
    """Whose number is this?"""

    iin: str
    phone: str


@post("/sms/messages", status_code=202)
async def send(data: JSONBody[Sms], sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """Accept a message; the same id again is the same message."""
    if data.message_id not in sandbox.sms_ids:
        sandbox.sms_ids.add(data.message_id)
        sandbox.sms.append(msgspec.to_builtins(data))
    return {"message_id": data.message_id, "status": "ACCEPTED"}


@get("/sms/outbox")
async def outbox(
    sandbox: NamedDependency[Sandbox], to: FromQuery[str | None] = None
) -> list[dict[str, str]]:
    """What was sent, oldest first: the phone of the demo's citizens."""
    return [m for m in sandbox.sms if to is None or m["to"] == to]


@post("/bmg/subscribers/check", status_code=200)
async def check(data: JSONBody[Subscriber], sandbox: NamedDependency[Sandbox]) -> dict[str, bool]:
    """Whether the number is registered to the person."""
    return {"linked": data.phone in sandbox.subscribers.get(data.iin, set())}


@put("/bmg/subscribers", status_code=204)
async def register(data: JSONBody[list[Subscriber]], sandbox: NamedDependency[Sandbox]) -> None:
    """The operators register numbers (the demo fills the base with this)."""
    for one in data:
        sandbox.subscribers.setdefault(one.iin, set()).add(one.phone)


HANDLERS = [send, outbox, check, register]
