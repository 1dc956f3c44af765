"""Citizens the registry knows, a Mobile Citizens Base, and an SMS gateway that keeps what it sent."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import respx

from backend.kernel.db import Query
from backend.kernel.ids import check_digit
from backend.kernel.resources import Resources
from tests.visits.conftest import AIGUL, BOLAT, Owner, citizens, clinics

__all__ = ["AIGUL", "BOLAT", "citizens", "clinics"]

AIGUL_PHONE = "+77010000001"
BOLAT_PHONE = "+77010000002"
WAITING = Query[str](
    "SELECT convert_from(payload, 'UTF8') FROM jobs.pgqueuer WHERE entrypoint = 'egov.send_otp'"
)


def iin(eleven: str) -> str:
    """The IIN that begins so."""
    digit = check_digit(eleven)
    assert digit is not None
    return f"{eleven}{digit}"


AIGUL_IIN = iin("90010130001")
BOLAT_IIN = iin("85050540002")
NOBODYS_IIN = iin("99123130003")


class Outside:
    """BMG and the SMS gateway, as the service meets them."""

    def __init__(self) -> None:
        self.subscribers = {(AIGUL_IIN, AIGUL_PHONE), (BOLAT_IIN, BOLAT_PHONE)}
        self.sent: list[dict[str, str]] = []
        self.lose_answers = 0

    def check(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        return httpx.Response(
            200, json={"linked": (asked["iin"], asked["phone"]) in self.subscribers}
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        message = json.loads(request.content)
        if message["message_id"] not in {m["message_id"] for m in self.sent}:
            self.sent.append(message)
        if self.lose_answers:
            self.lose_answers -= 1
            raise httpx.ReadTimeout("lost")
        return httpx.Response(202, json={"message_id": message["message_id"], "status": "ACCEPTED"})

    def code(self, phone: str) -> str:
        """The code of the last message to `phone`."""
        last = [m["text"] for m in self.sent if m["to"] == phone][-1]
        [code] = re.findall(r"\d{6}", last)
        return str(code)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """The outside systems of this test."""
    found = Outside()
    with respx.mock(assert_all_called=False) as router:
        router.route(host="saqtau.test").pass_through()
        router.post("http://bmg.test/subscribers/check").mock(side_effect=found.check)
        router.post("http://sms.test/messages").mock(side_effect=found.send)
        yield found


@pytest.fixture
async def resources(resources: Resources, owner: Owner, citizens: None) -> Resources:
    """Outside systems configured, Aigul and Bolat known by their IIN."""
    for number, person_id in ((AIGUL_IIN, AIGUL), (BOLAT_IIN, BOLAT)):
        await owner.execute(
            "INSERT INTO registry.iin_claim VALUES ($1, $2)",
            resources.keyring.lookup("iin", number),
            person_id,
        )
    config = msgspec.structs.replace(
        resources.config, sms_url="http://sms.test", bmg_url="http://bmg.test"
    )
    return msgspec.structs.replace(resources, config=config)


async def waiting_jobs(resources: Resources) -> list[dict[str, Any]]:
    """What the queue holds for the OTP job."""
    return [json.loads(p) for p in await WAITING.all(resources.db.egov)]
