"""The lines of docs/signing.md by which a clinic's server signs, run as they stand there."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import ROOT
from tests.signing.login.conftest import CLINIC
from tests.signing.ncalayer.test_browser import Submit


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What the page's Python defines."""
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/signing.md").read_text(), re.S)
    found: dict[str, Any] = {}
    exec(compile(code, "docs/signing.md", "exec"), found)
    return found


async def test_a_server_signs_in_and_signs_a_command(
    shown: dict[str, Any], service: str, resources: Resources, head: KeyPair, tmp_path: Path
) -> None:
    file = tmp_path / "GOST512.p12"
    file.write_bytes(keyfile.dump(head, "Qwerty12"))
    sign = shown["signer"](file, "Qwerty12")

    def session() -> Any:
        with httpx.Client(base_url=service, trust_env=False) as http:
            shown["sign_in"](http, sign)
            return http.get("/api/v1/login/session").json()

    assert (await asyncio.to_thread(session))["bin"] == CLINIC
    document = b'{"operation": "act.submit", "number": 7}'
    request = SignedRequest(**shown["signed"](document, sign))
    actor = Actor(session_id=uuid7(), roles=frozenset(), bin=CLINIC)
    assert (await evidence.accept(resources, actor, request, Submit)).command == Submit(7)
