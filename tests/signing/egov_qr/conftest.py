"""A clinic whose documents are signed with a phone: real service, real keys, the app's stand-in."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox.egov_mobile import EgovMobile
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import open_session
from tests.signing.login import conftest as login
from tests.signing.login.conftest import CLINIC

anchors, config, head, issue, nca = (
    login.anchors, login.config, login.head, login.issue, login.nca,
)  # fmt: skip
PACKAGES = "/api/v1/egov-qr/packages"
NAME = {"kk": "№ 17 акт", "ru": "Акт № 17", "en": "Act No. 17"}


@pytest.fixture
async def http(app: Litestar, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    """The clinic's head, signed in."""
    token = await open_session(resources, Role.EXECUTOR_HEAD, bin=CLINIC)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://saqtau.test", headers=headers
    ) as client:
        yield client


Phone = Callable[..., EgovMobile]


@pytest.fixture
async def phone(app: Litestar, clock: FixedClock) -> AsyncIterator[Phone]:
    """`phone(key)`: the app on somebody's phone."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport) as client:
        yield lambda key, **more: EgovMobile(key, client, now=clock.now, **more)


@pytest.fixture
def my_phone(phone: Phone, head: KeyPair) -> EgovMobile:
    """The head's phone."""
    return phone(head)


def command(number: int = 1, operation: str = "act.submit") -> bytes:
    return msgspec.json.encode({"operation": operation, "number": number})


def offer(method: str = "CMS_SIGN_ONLY", *contents: bytes, **more: Any) -> dict[str, Any]:
    """The body of an offer of these documents, or of one command."""
    documents = [
        {
            "name": NAME,
            "content": base64.b64encode(content).decode(),
            "mime": "application/json",
            "meta": [{"name": "№", "value": str(i)}],
        }
        for i, content in enumerate(contents or (command(),))
    ]
    return {"description": NAME, "sign_method": method, "documents": documents, **more}


async def offered(http: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(PACKAGES, json=body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def state(http: httpx.AsyncClient, package: dict[str, Any]) -> str:
    answer = await http.get(f"{PACKAGES}/{package['package_id']}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


async def signed(http: httpx.AsyncClient, package: dict[str, Any]) -> dict[str, Any]:
    answer = await http.get(f"{PACKAGES}/{package['package_id']}/signed")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
