"""A stand-in of NCALayer on the loopback: module kz.gov.pki.knca.basics, method sign (ECP.md §3.1).

The person in front of it is played by `keys` (what is in their storage) and `moods` (what they do
next). `python -m infra.sandbox.ncalayer --centre DIR` runs one for a browser.
"""

import asyncio
import base64
import binascii
import json
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from backend.signing.certificate.profile import holder_of
from infra.sandbox import websocket
from infra.sandbox.egov_mobile import sign_xml
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign

VERSION = "1.4"
PORT = 13579  # NCALayer's own
MODULE, METHOD = "kz.gov.pki.knca.basics", "sign"
STORAGE = "PKCS12"


class NcaLayer:
    """One running NCALayer with one person's keys.

    `moods` are used up, one per request: "sign" (also when none is left), "cancel", "refuse",
    "hang", "garbage", "close". `heard` are the arguments of every request, `origins` who asked.
    """

    def __init__(
        self,
        keys: Iterable[KeyPair],  # read at each request: whose storage it is may change
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        stamp: Callable[[bytes], bytes] | None = None,
        storage: str = STORAGE,
    ) -> None:
        self.keys, self.now, self.stamp, self.storage = keys, now, stamp, storage
        self.moods: deque[str] = deque()
        self.heard: list[dict[str, Any]] = []
        self.origins: list[str] = []
        self._server: asyncio.Server | None = None
        self.url = ""

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Listen; the address for the browser."""
        self._server = await websocket.serve(self._talk, port, tls)
        number = self._server.sockets[0].getsockname()[1]
        self.url = f"{'wss' if tls else 'ws'}://127.0.0.1:{number}"
        return self.url

    async def stop(self) -> None:
        """Close the door; open connections end with their pages."""
        if self._server is not None:
            self._server.close()

    async def _talk(self, socket: websocket.Socket) -> None:
        self.origins.append(socket.headers.get("origin", ""))
        await socket.send(json.dumps({"result": {"version": VERSION}}))
        while (text := await socket.receive()) is not None:
            mood = self.moods.popleft() if self.moods else "sign"
            if mood == "close":
                return
            if mood == "garbage":
                await socket.send("<html>not JSON")
            elif mood != "hang":
                await socket.send(json.dumps(self._answer(text, mood), ensure_ascii=False))

    def _answer(self, text: str, mood: str) -> dict[str, Any]:
        try:
            asked = json.loads(text)
            if (asked["module"], asked["method"]) != (MODULE, METHOD):
                return _failure("404", "no such module")
            args = asked["args"]
            self.heard.append(args)
            if mood == "cancel":
                return {"status": True}  # no result: the person closed the window
            storages = args["allowedStorages"]
            if mood == "refuse" or (storages is not None and self.storage not in storages):
                return _failure("500", "Хранилище ключей не найдено")
            key = self._chosen(args["signerParams"])
            if key is None:
                return {"status": True}
            return {"status": True, "body": {"result": self._signed(args, key)}}
        except (ValueError, KeyError, TypeError, binascii.Error) as e:
            return _failure("500", f"{type(e).__name__}: {e}")

    def _chosen(self, wanted: dict[str, Any]) -> KeyPair | None:
        """The first key that the page's filter lets through."""
        for key in self.keys:
            holder = holder_of(key.certificate)
            if (
                set(wanted.get("extKeyUsageOids") or ()) <= set(key.certificate.extended_key_usage)
                and wanted.get("iin") in (None, "", holder.iin)
                and wanted.get("bin") in (None, "", holder.bin)
                and wanted.get("serialNumber") in (None, "", f"{key.serial:x}")
            ):
                return key
        return None

    def _signed(self, args: dict[str, Any], key: KeyPair) -> list[str]:
        data, params = args["data"], args["signingParams"]
        several = data if isinstance(data, list) else [data]
        if args["format"] == "xml":
            return [sign_xml(xml, key) for xml in several]
        if args["format"] != "cms" or params.get("digested"):
            raise ValueError("format")
        stamp = self.stamp if params.get("tsaProfile") is not None else None
        signed = []
        for text in several:
            octets = base64.b64decode(text, validate=True) if params["decode"] else text.encode()
            cms = co_sign(
                octets, [key], detached=not params["encapsulate"], at=self.now(), stamp=stamp
            )
            signed.append(base64.b64encode(cms).decode())
        return signed


def _failure(code: str, message: str) -> dict[str, Any]:
    return {"status": False, "code": code, "message": message}


@click.command(help="Run a stand-in of NCALayer with one sandbox key (never beside the real one).")
@click.option("--centre", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--iin", required=True, help="The person's IIN.")
@click.option("--bin", "bin_", required=True, help="The organisation's BIN.")
@click.option("--role", default="head", help="head, signatory, finance or employee.")
@click.option("--port", default=PORT, type=click.IntRange(1, 65535), help="Port on the loopback.")
def main(centre: Path, iin: str, bin_: str, role: str, port: int) -> None:
    """Serve until told to stop."""
    now = datetime.now(UTC)
    nca = Centre.load(centre)
    key = nca.issue_legal(iin, bin_, "ҚОЛДАНУШЫ СЫНАҚ", "Сынақ", role, now)

    async def run() -> None:
        layer = NcaLayer([key], stamp=nca.stamper(now))
        click.echo(await layer.start(port))
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    main()
