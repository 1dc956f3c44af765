"""The service on a real port, NCALayer's stand-in, and Chromium between them."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from backend.app.asgi import create_app
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from infra.sandbox.egov_mobile import EgovMobile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.ncalayer import NcaLayer
from tests.conftest import MONDAY_MORNING
from tests.serving import serving
from tests.signing.login import conftest as login
from tests.signing.ncalayer.browser import Page, chromium

anchors, head, issue, nca = login.anchors, login.head, login.issue, login.nca


@pytest.fixture
def config(config: Config, anchors: Path) -> Config:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return msgspec.structs.replace(
        config,
        trust=str(anchors),
        issuer_bin=login.ISSUER,
        registrar_bin=login.REGISTRAR,
        port=port,
        public_url=f"http://127.0.0.1:{port}",
    )


@pytest.fixture
async def service(resources: Resources) -> AsyncIterator[str]:
    """The service's address."""
    config = resources.config
    async with serving(create_app(config, resources), port=config.port):
        yield config.public_url


@pytest.fixture
async def layer(head: KeyPair, nca: Centre, clock: FixedClock) -> AsyncIterator[NcaLayer]:
    """The head's NCALayer."""
    running = NcaLayer([head], now=clock.now, stamp=nca.stamper(MONDAY_MORNING))
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def page(service: str, layer: NcaLayer, tmp_path: Path) -> AsyncIterator[Page]:
    """The page of /sign in Chromium, its NCALayer the stand-in."""
    async with chromium(tmp_path / "profile") as browser:
        tab = await browser.page()
        await tab.go(f"{service}/sign?ncalayer={layer.url}")
        yield tab


@pytest.fixture
async def phone(head: KeyPair, clock: FixedClock) -> AsyncIterator[Any]:
    """The head's phone."""
    async with httpx.AsyncClient(trust_env=False) as http:
        yield EgovMobile(head, http, now=clock.now)
