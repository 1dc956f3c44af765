"""The SMS gateway: accepted, or unavailable; nothing between."""

import json
from uuid import UUID

import httpx
import pytest
import respx

from backend.kernel.config import Config
from backend.sources.exchange import SourceUnavailable
from backend.sources.sms import service
from backend.sources.sms.service import Message

CONFIG = Config(sms_url="http://sms.test/", source_timeout_s=20)
MESSAGE = Message(UUID(int=7), "+77010000001", "Код: 123456")
ACCEPTED = {"message_id": str(UUID(int=7)), "status": "ACCEPTED"}


async def test_a_message_is_handed_over_as_documented(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post("http://sms.test/messages").respond(202, json=ACCEPTED)
    async with httpx.AsyncClient() as http:
        await service.send(http, CONFIG, MESSAGE)
    assert json.loads(route.calls.last.request.content) == {
        "message_id": "00000000-0000-0000-0000-000000000007",
        "to": "+77010000001",
        "text": "Код: 123456",
    }


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"location": "http://elsewhere.test/"}),
        httpx.Response(202, content=b"<html>"),
        httpx.Response(202, json={"message_id": str(UUID(int=7)), "status": "REFUSED"}),
        httpx.Response(202, json={"message_id": str(UUID(int=8)), "status": "ACCEPTED"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("down"),
    ],
)
async def test_anything_but_acceptance_is_unavailable(
    respx_mock: respx.MockRouter, answer: httpx.Response | Exception
) -> None:
    respx_mock.post("http://sms.test/messages").mock(side_effect=[answer])
    async with httpx.AsyncClient() as http:
        with pytest.raises(SourceUnavailable) as refused:
            await service.send(http, CONFIG, MESSAGE)
    assert refused.value.facts == {"source": "sms"}


async def test_without_an_address_there_is_no_gateway() -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(SourceUnavailable):
            await service.send(http, Config(), MESSAGE)
