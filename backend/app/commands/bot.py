"""`saqtau bot`: the Telegram bot.

SAQTAU_BOT_TOKEN        the bot's token (required)
SAQTAU_BOT_API_URL      the Bot API, if not Telegram's own: http://127.0.0.1:8090/telegram
SAQTAU_API_URL          the service (http://127.0.0.1:8080)
SAQTAU_VALKEY_URL       Valkey; without it the embedded one
SAQTAU_BOT_KEY_PREFIX   the bot's keys in Valkey (saqtau:bot:<the bot's number>)
SAQTAU_BOT_SEAL         the key of the bot's information system (PKCS#12 file or PKCS#11 URI): with it the bot
                        has a session of its own, limits count chats apart, and notices are told
SAQTAU_BOT_SEAL_PASSWORD or SAQTAU_BOT_SEAL_PASSWORD_FILE
SAQTAU_BOT_WEBHOOK_URL  where Telegram posts updates; without it the bot polls
SAQTAU_BOT_WEBHOOK_SECRET, SAQTAU_BOT_WEBHOOK_HOST, SAQTAU_BOT_WEBHOOK_PORT
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from backend.app.commands import console
from backend.kernel import logs

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{10,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
_ENVIRONMENT = {
    "telegram_url": "SAQTAU_BOT_API_URL",
    "api_url": "SAQTAU_API_URL",
    "key_prefix": "SAQTAU_BOT_KEY_PREFIX",
    "webhook_url": "SAQTAU_BOT_WEBHOOK_URL",
    "webhook_secret": "SAQTAU_BOT_WEBHOOK_SECRET",
    "webhook_host": "SAQTAU_BOT_WEBHOOK_HOST",
    "webhook_port": "SAQTAU_BOT_WEBHOOK_PORT",
}


@click.command(help="Run the Telegram bot (SAQTAU_BOT_TOKEN, SAQTAU_BOT_API_URL, SAQTAU_API_URL).")
def command() -> None:
    """Talk to people until told to stop."""
    token = os.environ.get("SAQTAU_BOT_TOKEN", "")
    if _TOKEN.fullmatch(token) is None:
        console.bad_argument("SAQTAU_BOT_TOKEN must hold the bot's token", "BAD_CONFIG")
    found: dict[str, Any] = {
        field: os.environ[name] for field, name in _ENVIRONMENT.items() if os.environ.get(name)
    }
    # Another bot remembers on its own.
    found.setdefault("key_prefix", f"saqtau:bot:{token.partition(':')[0]}")
    if "webhook_url" in found and _SECRET.fullmatch(found.get("webhook_secret", "")) is None:
        console.bad_argument(
            "a webhook needs SAQTAU_BOT_WEBHOOK_SECRET: 32 letters, digits, _ or - at least",
            "BAD_CONFIG",
        )
    if "webhook_port" in found:
        if not found["webhook_port"].isdigit():
            console.bad_argument("SAQTAU_BOT_WEBHOOK_PORT is not a number", "BAD_CONFIG")
        found["webhook_port"] = int(found["webhook_port"])
    logs.configure(os.environ.get("SAQTAU_LOG_LEVEL", "INFO"))
    # The bot and aiogram (seconds) are loaded only here, and only here the two sides meet.
    from bot.app import run
    from bot.settings import Settings

    sign = _signer()
    with _valkey() as valkey_url:
        asyncio.run(run(Settings(token=token, valkey_url=valkey_url, **found), sign))


def _signer() -> Callable[[bytes], Awaitable[bytes]] | None:
    """What signs the bot's way in, if it has a key."""
    place = os.environ.get("SAQTAU_BOT_SEAL", "")
    if not place:
        return None
    from backend.signing.cms import build
    from backend.signing.seal.source import SourceUnusable, open_key, read_secret

    password = os.environ.get("SAQTAU_BOT_SEAL_PASSWORD", "")
    file = os.environ.get("SAQTAU_BOT_SEAL_PASSWORD_FILE", "")
    try:
        held = open_key(place, read_secret(file) if file else password)
    except SourceUnusable as e:
        console.bad_argument(str(e), "BAD_CONFIG")

    async def sign(document: bytes) -> bytes:
        signer = build.Signer(held.key, held.certificate, datetime.now(UTC))
        return await asyncio.to_thread(build.sign, document, [signer], certificates=held.above[:1])

    return sign


@contextmanager
def _valkey() -> Iterator[str]:
    """The named Valkey, or the embedded one."""
    named = os.environ.get("SAQTAU_VALKEY_URL")
    if named:
        yield named
        return
    from infra import servers

    try:
        with servers.running() as endpoints:
            yield endpoints.valkey_url
    except servers.ServersUnavailable as e:
        console.bad_argument(str(e), "SERVERS_UNAVAILABLE")
