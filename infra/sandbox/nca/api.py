"""The certification centre over HTTP: CRL, OCSP and time stamps as the national centre offers them.

`PUT /nca/control` makes each of them misbehave the way the real ones have (ECP.md 1.6, FAULTS 20):
`slow` answers after `slow_s`, `silent` cuts its answer off, `garbage` and `empty` are what they say,
`try_later` is OCSP's own refusal, `unknown` a signed answer that the certificate is not ours, `stale`
an old one, `error` HTTP 500. `POST /nca/revocations` revokes.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, RawBody

from infra.sandbox.nca import stamping, status
from infra.sandbox.state import Sandbox

_FAMILIES = {
    "gost.crl": ("gost2015-512", False),
    "rsa.crl": ("rsa-sha256", False),
    "gost_d.crl": ("gost2015-512", True),
    "rsa_d.crl": ("rsa-sha256", True),
}
_OLD = timedelta(days=400)  # longer than any list lives
_GARBAGE = b"<html><body>502 Bad Gateway</body></html>"
Mood = Literal["ok", "slow", "silent", "garbage", "empty", "try_later", "unknown", "stale", "error"]


class Moods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How each service shall behave from now on."""

    ocsp: Mood = "ok"
    crl: Mood = "ok"
    tsp: Mood = "ok"
    slow_s: float = 10.0


class Revocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate to be revoked: its serial number in hex, from when on (now), why."""

    serial: str
    at: datetime | None = None
    reason: int = 0


@put("/nca/control")
async def control(data: JSONBody[Moods], sandbox: NamedDependency[Sandbox]) -> Moods:
    """Set how the centre's services behave."""
    sandbox.switches["nca"] = data
    return data


@post("/nca/revocations", status_code=200)
async def revoke(data: JSONBody[Revocation], sandbox: NamedDependency[Sandbox]) -> dict[str, bool]:
    """Revoke a certificate of this centre."""
    at = data.at or sandbox.now()
    return {"revoked": sandbox.centre.revoke_serial(int(data.serial, 16), at, data.reason)}


@get("/nca/crl/{family:str}")
async def crl(family: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """The base or delta list of an issuing centre, as it stands at the stand-ins' instant."""
    if family not in _FAMILIES:
        return Response(b"", status_code=404, media_type="application/octet-stream")
    algorithm, is_delta = _FAMILIES[family]
    mood, now = await _mood(sandbox, "crl"), sandbox.now()
    if mood == "stale":
        now -= _OLD
    make = sandbox.centre.delta_crl if is_delta else sandbox.centre.crl
    return _answer(mood, make(now, algorithm), "application/pkix-crl")


@post("/nca/ocsp", status_code=200)
async def ocsp(body: RawBody, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Answer an OCSP request (RFC 6960 over HTTP POST)."""
    mood, now = await _mood(sandbox, "ocsp"), sandbox.now()
    if mood == "try_later":
        raw = status.failure(3)
    elif mood == "unknown":
        raw = sandbox.centre.ocsp_disowning(body, now)
    else:
        raw = sandbox.centre.ocsp_response(body, now - _OLD if mood == "stale" else now)
    return _answer(mood, raw, "application/ocsp-response")


@post("/nca/tsp", status_code=200)
async def tsp(body: RawBody, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Answer a time-stamp request (RFC 3161 over HTTP POST)."""
    mood, now = await _mood(sandbox, "tsp"), sandbox.now()
    raw = sandbox.centre.time_stamp_response(body, now - _OLD if mood == "stale" else now)
    if mood in ("try_later", "unknown"):
        raw = stamping.refusal()
    return _answer(mood, raw, "application/timestamp-reply")


async def _mood(sandbox: Sandbox, service: Literal["crl", "ocsp", "tsp"]) -> Mood:
    moods: Moods = sandbox.switches.get("nca", Moods())
    mood: Mood = getattr(moods, service)
    if mood == "slow":
        await asyncio.sleep(moods.slow_s)
    return mood


def _answer(mood: Mood, raw: bytes, media_type: str) -> Response[bytes]:
    if mood == "error":
        return Response(b"", status_code=500, media_type="text/plain")
    bodies = {"garbage": _GARBAGE, "empty": b"", "silent": raw[: len(raw) // 2]}
    return Response(bodies.get(mood, raw), media_type=media_type)


HANDLERS = [control, revoke, crl, ocsp, tsp]
