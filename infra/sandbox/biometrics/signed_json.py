"""A biometric provider: opens sessions, looks at nobody, and calls back signed.

Its outcome is MATCH unless a switch says otherwise. No image exists here or anywhere.
"""

import asyncio
import hashlib
import hmac
from typing import Any

import httpx
import msgspec
from litestar import post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox

CALLBACK_TRIES = 5
_running: set["asyncio.Task[None]"] = set()


class Start(msgspec.Struct, frozen=True):
    """A session the service opens."""

    session_id: str
    callback_url: str
    subject: str


class Switch(msgspec.Struct, frozen=True):
    """What the next people will look like: MATCH or NO_MATCH; `key` signs the callbacks."""

    outcome: str = "MATCH"
    key: str | None = None


@post("/biometrics/sessions")
async def start(data: JSONBody[Start], sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """Open a session; the result is called back a moment later."""
    task = asyncio.create_task(_call_back(sandbox, data))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return {"provider_url": f"https://biometrics.example.kz/s/{data.session_id}"}


@put("/biometrics/control")
async def control(data: JSONBody[Switch], sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """Set the next outcome and the key."""
    sandbox.biometric_outcome = data.outcome
    if data.key is not None:
        sandbox.biometrics_key = data.key
    return {"outcome": data.outcome}


async def _call_back(sandbox: Sandbox, session: Start) -> None:
    body = msgspec.json.encode(result(sandbox.biometric_outcome, session))
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for attempt in range(CALLBACK_TRIES):
            timestamp = str(int(sandbox.now().timestamp()))
            signed = hmac.digest(
                sandbox.biometrics_key.encode(), timestamp.encode() + b"." + body, hashlib.sha256
            )
            headers = {
                "content-type": "application/json",
                "x-timestamp": timestamp,
                "x-signature": signed.hex(),
            }
            try:
                answer = await http.post(session.callback_url, content=body, headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 404:
                return
            await asyncio.sleep(0.05 * 2**attempt)


def result(outcome: str, session: Start) -> dict[str, Any]:
    """What the provider tells of a session; the evidence hash stands for a record it keeps."""
    return {
        "session_id": session.session_id,
        "outcome": outcome,
        "liveness": outcome == "MATCH",
        "score_milli": 980 if outcome == "MATCH" else 210,
        "evidence_sha256": hashlib.sha256(f"{session.session_id}:{outcome}".encode()).hexdigest(),
    }


HANDLERS = [start, control]
