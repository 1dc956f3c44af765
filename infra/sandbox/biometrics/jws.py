"""A biometric provider of signed tokens (backend/sources/biometrics/jws.py), and a slow one.

Its key is made anew with its process; `GET /biometrics-jws/control` tells the public half. It takes its time
twice: before it answers, and before it calls back.
"""

import asyncio
import base64
import hashlib
import uuid
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox

CALLBACK_TRIES = 5
_SIMILARITY = {"SAME": 0.981, "DIFFERENT": 0.214, "SPOOF": 0.655}
_running: set["asyncio.Task[None]"] = set()


class Identification(msgspec.Struct, frozen=True):
    """An identification the service asks for."""

    reference: str
    person: str
    notify: str
    requested: int


class Switch(msgspec.Struct, frozen=True):
    """SAME, DIFFERENT or SPOOF; how many seconds it takes, twice."""

    verdict: str = "SAME"
    slow_s: float = 2.0


class Office:
    """The provider's own state."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.switch = Switch()

    @property
    def public_key(self) -> str:
        """The half its customers are given."""
        return base64.b64encode(self.key.public_key().public_bytes_raw()).decode()

    def token(self, claims: dict[str, Any]) -> bytes:
        """A compact JWS of the claims."""
        header = msgspec.json.encode({"alg": "EdDSA", "typ": "identification+jwt"})
        signed = _encode(header) + b"." + _encode(msgspec.json.encode(claims))
        return signed + b"." + _encode(self.key.sign(signed))


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def office(sandbox: Sandbox) -> Office:
    """The one office of this sandbox."""
    found = sandbox.switches.setdefault("biometrics-jws", Office())
    assert isinstance(found, Office)
    return found


@get("/biometrics-jws/control")
async def public_key(sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """Tell the public key."""
    return {"public_key": office(sandbox).public_key}


@put("/biometrics-jws/control")
async def control(data: JSONBody[Switch], sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """Set the next verdict and the pace."""
    office(sandbox).switch = data
    return {"verdict": data.verdict}


@post("/biometrics-jws/v2/identifications", status_code=202)
async def identify(
    data: JSONBody[Identification], sandbox: NamedDependency[Sandbox]
) -> dict[str, str]:
    """Take an identification, after a while; the verdict comes a while later."""
    await asyncio.sleep(office(sandbox).switch.slow_s)
    task = asyncio.create_task(_notify(sandbox, data))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return {"id": uuid.uuid4().hex, "open": f"https://identify.example.kz/{data.reference}"}


def claims(switch: Switch, asked: Identification, audience: str, now_s: int) -> dict[str, Any]:
    """What the provider tells; the proof stands for a record it keeps."""
    proof = hashlib.sha256(f"{asked.reference}:{switch.verdict}".encode()).digest()
    return {
        "iss": "https://identify.example.kz",
        "aud": audience,
        "iat": now_s,
        "reference": asked.reference,
        "verdict": switch.verdict,
        "similarity": _SIMILARITY[switch.verdict],
        "proof": _encode(proof).decode(),
    }


async def _notify(sandbox: Sandbox, asked: Identification) -> None:
    switch = office(sandbox).switch
    await asyncio.sleep(switch.slow_s)
    audience = asked.notify.partition("/api/")[0]
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for attempt in range(CALLBACK_TRIES):
            told = claims(switch, asked, audience, int(sandbox.now().timestamp()))
            try:
                answer = await http.post(
                    asked.notify,
                    content=office(sandbox).token(told),
                    headers={"content-type": "application/jose"},
                )
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 404:
                return
            await asyncio.sleep(0.05 * 2**attempt)


HANDLERS = [public_key, control, identify]
