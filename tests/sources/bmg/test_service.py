"""The Mobile Citizens Base: linked, not linked, or unknown; unknown is never "yes" (D28)."""

import json

import httpx
import pytest
import respx

from backend.kernel.config import Config
from backend.sources.bmg import service
from backend.sources.exchange import SourceUnavailable

CONFIG = Config(bmg_url="http://bmg.test")
URL = "http://bmg.test/subscribers/check"


@pytest.mark.parametrize("linked", [True, False])
async def test_the_base_is_asked_in_the_body_not_the_address(
    respx_mock: respx.MockRouter, linked: bool
) -> None:
    route = respx_mock.post(URL).respond(200, json={"linked": linked})
    async with httpx.AsyncClient() as http:
        assert await service.is_linked(http, CONFIG, "900101300017", "+77010000001") is linked
    sent = route.calls.last.request
    assert json.loads(sent.content) == {"iin": "900101300017", "phone": "+77010000001"}
    assert "900101300017" not in str(sent.url)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(200, json={"linked": "yes"}),
        httpx.Response(200, json={}),
        httpx.Response(200, content=b"x" * 2_000_000),
        httpx.ConnectTimeout("slow"),
    ],
)
async def test_an_odd_answer_is_no_answer(
    respx_mock: respx.MockRouter, answer: httpx.Response | Exception
) -> None:
    respx_mock.post(URL).mock(side_effect=[answer])
    async with httpx.AsyncClient() as http:
        with pytest.raises(SourceUnavailable):
            await service.is_linked(http, CONFIG, "900101300017", "+77010000001")
