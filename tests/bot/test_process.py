"""`saqtau bot` as a process: started, killed in the middle of a conversation, started again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra import servers
from tests.bot.citizens_api import CODE, IIN, PHONE
from tests.bot.conftest import World, opened_world

START_S = 120
COMMAND = (sys.executable, "-m", "backend.app.cli", "bot")


@asynccontextmanager
async def started(world: World) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, pointed at the world; what still runs at the end is killed."""
    environment = {
        **os.environ,
        "SAQTAU_BOT_TOKEN": world.settings.token,
        "SAQTAU_BOT_API_URL": world.settings.telegram_url,
        "SAQTAU_API_URL": world.settings.api_url,
        "SAQTAU_VALKEY_URL": world.settings.valkey_url,
        "SAQTAU_BOT_KEY_PREFIX": world.settings.key_prefix,
    }
    polls = world.telegram.poll
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        # aiogram alone takes seconds to import.
        async with asyncio.timeout(START_S), world.telegram.changed:
            await world.telegram.changed.wait_for(lambda: world.telegram.poll > polls)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.slow
async def test_a_conversation_outlives_the_process(endpoints: servers.Endpoints) -> None:
    async with opened_world(endpoints) as world:
        person = world.person("kk")
        async with started(world) as first:
            await person.says("/start", "hello")
            await person.taps("button-link", "link-iin")
            await person.says(IIN, "link-phone")
            first.kill()
            _, logs = await first.communicate()
        async with started(world) as second:
            await person.act(person.expected("link-code"), contact={"phone_number": PHONE})
            await person.says(CODE, "link-done")
            await person.says("мен сақтандырылғанмын ба", "status-insured")
            second.send_signal(signal.SIGTERM)
            _, more = await second.communicate()
            assert second.returncode == 0, more.decode()
    for secret in (IIN, PHONE, CODE, world.settings.token.partition(":")[2], "token-"):
        assert secret.encode() not in logs + more


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"SAQTAU_BOT_TOKEN": ""},
        {"SAQTAU_BOT_TOKEN": "not a token"},
        {"SAQTAU_BOT_TOKEN": "1:abcdefghijkl", "SAQTAU_BOT_WEBHOOK_URL": "https://bot.example/x"},
    ],
)
def test_settings_that_cannot_be_used_are_one_line_and_exit_2(environment: dict[str, str]) -> None:
    done = subprocess.run(
        COMMAND, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert '"BAD_CONFIG"' in done.stderr
    assert "Traceback" not in done.stderr
