"""The State Corporation's daily files: a signed list, files by ranges; on demand it cuts off and cheats."""

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox

_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]+)")


class NewFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file to lie ready; `content` is base64."""

    name: str
    format: str
    content: str


class Manner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose BIN signs the list, and how the next answers misbehave.

    `cut_off`: so many pieces come halved; `flip`: one byte of every piece is another; `forge`: the list is
    changed after it was signed.
    """

    bin: str | None = None
    cut_off: int = 0
    flip: bool = False
    forge: bool = False


class StateCorporation(msgspec.Struct):
    """What the stand-in remembers; `pieces` counts what was asked for."""

    files: dict[str, NewFile] = {}
    manner: Manner = Manner()
    key: KeyPair | None = None
    bin: str = "160440007161"
    pieces: int = 0


def state(sandbox: Sandbox) -> StateCorporation:
    """The stand-in's memory, kept with the others'."""
    kept: StateCorporation = sandbox.switches.setdefault("state_corporation", StateCorporation())
    return kept


@get("/files")
async def listed(sandbox: NamedDependency[Sandbox]) -> dict[str, str]:
    """The list of files and a detached CMS over it."""
    corporation = state(sandbox)
    files = []
    for file in corporation.files.values():
        raw = base64.b64decode(file.content)
        files.append(
            {
                "name": file.name,
                "format": file.format,
                "bytes": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
            }
        )
    document = msgspec.json.encode({"files": files})
    signature = _key(sandbox, corporation).sign_cms(document, at=sandbox.now())
    if corporation.manner.forge:
        document = document.replace(b'"bytes":', b'"bytes":1')
    return {
        "document": base64.b64encode(document).decode(),
        "signature": base64.b64encode(signature).decode(),
    }


@get("/files/{name:str}")
async def piece(
    name: FromPath[str], request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]
) -> Response[bytes]:
    """A range of a file."""
    corporation = state(sandbox)
    file = corporation.files.get(name)
    if file is None:
        return Response(b"", status_code=404, media_type="application/octet-stream")
    corporation.pieces += 1
    raw = base64.b64decode(file.content)
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None:
        return Response(raw, media_type="application/octet-stream")
    start, end = int(wanted[1]), int(wanted[2])
    part = raw[start : end + 1]
    if corporation.manner.flip and part:
        part = bytes([part[0] ^ 1]) + part[1:]
    if corporation.manner.cut_off > 0:
        manner = corporation.manner
        corporation.manner = msgspec.structs.replace(manner, cut_off=manner.cut_off - 1)
        part = part[: len(part) // 2]
    return Response(
        part,
        status_code=206,
        media_type="application/octet-stream",
        headers={"content-range": f"bytes {start}-{end}/{len(raw)}"},
    )


@put("/control/files")
async def lay_ready(data: JSONBody[NewFile], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Let a file lie ready."""
    state(sandbox).files[data.name] = data
    return {"files": len(state(sandbox).files)}


@put("/control/manner")
async def behave(data: JSONBody[Manner], sandbox: NamedDependency[Sandbox]) -> dict[str, bool]:
    """Sign as that organisation, and misbehave as told."""
    corporation = state(sandbox)
    corporation.manner = data
    if data.bin is not None and data.bin != corporation.bin:
        corporation.bin, corporation.key = data.bin, None
    return {"behaves": True}


HANDLERS = [listed, piece, lay_ready, behave]


def _key(sandbox: Sandbox, corporation: StateCorporation) -> KeyPair:
    if corporation.key is None:
        corporation.key = sandbox.centre.issue_information_system(
            corporation.bin,
            "«Азаматтарға арналған үкімет» мемлекеттік корпорациясы",
            "SC-MHI",
            sandbox.now() - timedelta(hours=1),
        )
    return corporation.key
