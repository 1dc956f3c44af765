"""Who is believed about where a call comes from (FAULTS 13)."""

from typing import Any

import httpx
import msgspec
import pytest

from backend.app.commands.serve import settings
from backend.kernel.config import Config, Mode
from tests.serving import serving


async def who_calls(scope: Any, _: Any, send: Any) -> None:
    """Answers with the address it is told of."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(
    ("proxies", "believed"),
    [("", "127.0.0.1"), ("127.0.0.1", "1.2.3.4"), ("10.0.0.1", "127.0.0.1")],
)
async def test_a_header_is_heard_from_the_named_proxies_alone(proxies: str, believed: str) -> None:
    config = msgspec.structs.replace(Config(mode=Mode.TEST), trusted_proxies=proxies)
    how = settings(config) | {"port": 0, "lifespan": "off", "loop": "none"}
    async with serving(who_calls, **how) as server, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(server.url, headers={"x-forwarded-for": "1.2.3.4"})
    assert answer.text == believed
