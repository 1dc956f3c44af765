"""A clinic's desk to try /sign by hand: its people's keys, NCALayer on this computer, eGov Mobile on a phone.

GET  /desk              a page with all of it
GET  /people            whose keys there are; POST issues another
GET  /people/X/key.p12  the key file of one, as the national centre hands it out
PUT  /ncalayer          who sits at the computer, and how they answer next
POST /phone/scan        what the app shows of a QR code or a link
POST /phone/sign        scan, fetch, sign, send back
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from infra.sandbox.egov_mobile import EgovMobile, NotForThisApp, Refused, entry_of
from infra.sandbox.nca import keyfile
from infra.sandbox.ncalayer import NcaLayer
from infra.sandbox.people import Holder, NewPerson
from infra.sandbox.state import Sandbox

PASSWORD = "Qwerty12"  # of every key file here; the national centre's own test keys have it too
MOODS = ("sign", "cancel", "refuse", "hang", "garbage", "close")
_PAGE = Path(__file__).with_name("desk.html")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AtTheComputer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose storage NCALayer opens, and what the person does with the next requests."""

    serial: str | None = None
    moods: list[str] = []


class Scanned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a QR code, or the link beneath it, and whose phone it is."""

    text: str
    serial: str | None = None


def layer_of(sandbox: Sandbox) -> NcaLayer:
    """NCALayer with everybody's keys, who sits at the computer first."""

    def stamp(signature: bytes) -> bytes:
        return sandbox.centre.stamper(sandbox.now())(signature)

    made = NcaLayer(sandbox.people, now=sandbox.now, stamp=stamp)
    sandbox.switches["ncalayer"] = made
    return made


@get("/desk", media_type="text/html")
async def desk() -> str:
    """The page."""
    return _PAGE.read_text()


@get("/people")
async def people(sandbox: NamedDependency[Sandbox]) -> list[dict[str, Any]]:
    """Everybody who has a key."""
    return [_told(one) for one in sandbox.people.all()]


@post("/people")
async def add_person(
    data: JSONBody[NewPerson], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, Any]]:
    """Issue a key for somebody else."""
    sandbox.people.all()
    try:
        return Response(_told(sandbox.people.add(data)), status_code=201)
    except ValueError as e:
        return Response({"unknown": str(e)}, status_code=400)


@get("/people/{serial:str}/key.p12")
async def key_file(serial: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """The key of one as a file; its password is PASSWORD."""
    found = sandbox.people.find(serial)
    if found is None:
        return Response(b"", status_code=404, media_type="application/x-pkcs12")
    return Response(keyfile.dump(found.pair, PASSWORD), media_type="application/x-pkcs12")


@put("/ncalayer")
async def sit_down(
    data: JSONBody[AtTheComputer], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, Any]]:
    """Let somebody sit at the computer."""
    layer: NcaLayer | None = sandbox.switches.get("ncalayer")
    if layer is None or any(mood not in MOODS for mood in data.moods):
        return Response({"moods": MOODS, "running": layer is not None}, status_code=400)
    if data.serial is not None:
        sandbox.people.at_the_computer = data.serial
    layer.moods.clear()
    layer.moods.extend(data.moods)
    return Response({"url": layer.url, "asked_by": layer.origins[-5:]})


@post("/phone/scan", status_code=200)
async def scan(
    data: JSONBody[Scanned], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, Any]]:
    """What the app shows before anything is fetched."""
    return await _played(sandbox, data, only_look=True)


@post("/phone/sign", status_code=200)
async def sign(
    data: JSONBody[Scanned], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, Any]]:
    """The whole ceremony, with the key of `serial`."""
    return await _played(sandbox, data, only_look=False)


async def _played(sandbox: Sandbox, data: Scanned, *, only_look: bool) -> Response[dict[str, Any]]:
    holder = sandbox.people.find(data.serial) if data.serial else sandbox.people.all()[0]
    if holder is None:
        return Response({"message": "no such person"}, status_code=404)
    try:
        _require_here(data.text)
        async with httpx.AsyncClient(trust_env=False) as http:
            phone = EgovMobile(holder.pair, http, now=sandbox.now)
            if only_look:
                return Response({"introduction": await phone.scan(data.text)})
            return Response({"answer": await phone.sign_all(data.text)})
    except NotForThisApp as e:
        return Response({"message": str(e)}, status_code=400)
    except Refused as e:
        return Response({"message": e.message}, status_code=e.status)
    except httpx.HTTPError as e:
        return Response({"message": type(e).__name__}, status_code=502)


def _require_here(text: str) -> None:
    """As the real app asks only domains on its operator's list, this one asks only this machine."""
    if urlsplit(entry_of(text)).hostname not in _LOOPBACK:
        raise NotForThisApp("an address of another machine")


def _told(one: Holder) -> dict[str, Any]:
    return {"serial": one.serial, **msgspec.to_builtins(one.of)}


HANDLERS = [desk, people, add_person, key_file, sit_down, scan, sign]
