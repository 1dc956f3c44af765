"""Who is believed about where a call comes from (FAULTS 13)."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from backend.app.commands.serve import settings
from backend.kernel.config import Config, Mode


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
    server = uvicorn.Server(uvicorn.Config(who_calls, **how))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/", headers={"x-forwarded-for": "1.2.3.4"})
    server.should_exit = True
    await serving
    assert answer.text == believed
