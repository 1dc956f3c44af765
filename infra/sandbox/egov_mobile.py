"""A stand-in of the eGov Mobile app: reads the QR code, fetches, signs with a sandbox key, sends back.

It speaks the protocol of ECP.md §4 and nothing else of the service. `python -m
infra.sandbox.egov_mobile` signs from a terminal what a page shows as QR.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import httpx

from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign
from infra.sandbox.nca.signed_xml import HOLE, enveloped

QR_SCHEME = "mobileSign:"
_M_EGOV = "m.egov.kz"


class NotForThisApp(ValueError):
    """The text is no QR code of this protocol."""


class Refused(Exception):
    """The information system refused: its status and its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


def entry_of(text: str) -> str:
    """The address of API 1 in a QR text or a deep link. Raises NotForThisApp."""
    if text.startswith(QR_SCHEME):
        return text.removeprefix(QR_SCHEME)
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.hostname == _M_EGOV:
        links = parse_qs(parts.query).get("link", [])
        if len(links) == 1 and "mgovSign" in links[0]:
            return links[0]
    raise NotForThisApp(text[:40])


def sign_xml(xml: str, pair: KeyPair) -> str:
    """Enveloped XMLDSig, the Signature the last child of the root."""
    at = xml.rstrip().rfind("</")
    if at < 0:
        raise NotForThisApp("an empty root cannot be signed")
    return enveloped(xml[:at] + HOLE + xml[at:], pair).decode()


class EgovMobile:
    """The app on one person's phone. `http` may be bound to the service under test."""

    def __init__(
        self,
        pair: KeyPair,
        http: httpx.AsyncClient,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        language: str = "kk",
        auth_pair: KeyPair | None = None,
        stamp: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.pair, self.http, self.now = pair, http, now
        self.auth_pair, self.stamp = auth_pair or pair, stamp
        self.headers = {"accept-language": language}

    async def scan(self, text: str) -> dict[str, Any]:
        """API 1: what the person is shown before the documents."""
        introduction: dict[str, Any] = await self._asked(
            self.http.get(entry_of(text), headers=self.headers)
        )
        return introduction

    async def fetch(self, introduction: dict[str, Any]) -> dict[str, Any]:
        """API 2: the documents, as the introduction says they may be had."""
        document = introduction["document"]
        if document["auth_type"] == "Eds":
            body = {"xml": self.login_xml(document["uri"])}
            asking = self.http.post(document["uri"], json=body, headers=self.headers)
        else:
            asking = self.http.get(document["uri"], headers=self._may(document))
        documents: dict[str, Any] = await self._asked(asking)
        return documents

    def login_xml(self, uri: str, *, at: datetime | None = None) -> str:
        """The signed login of auth type Eds."""
        stamp = (at or self.now()).isoformat(timespec="milliseconds")
        text = f"<login><url>{uri}</url><timestamp>{stamp}</timestamp>{HOLE}</login>"
        return enveloped(text, self.auth_pair).decode()

    def sign(self, package: dict[str, Any]) -> dict[str, Any]:
        """The same JSON with signed values in place of what was offered."""
        signed: dict[str, Any] = json.loads(json.dumps(package))
        for document in signed["documentsToSign"]:
            method = document.get("signMethod") or signed["signMethod"]
            if method == "XML":
                document["documentXml"] = sign_xml(document["documentXml"], self.pair)
                continue
            file = document["document"]["file"]
            cms = co_sign(
                base64.b64decode(file["data"]),
                [self.pair],
                detached=method == "CMS_SIGN_ONLY",
                at=self.now(),
                stamp=self.stamp,
            )
            file["data"] = base64.b64encode(cms).decode()
        return signed

    async def send(self, introduction: dict[str, Any], signed: dict[str, Any]) -> Any:
        """Send the signed package back; "success", or Refused with the service's message."""
        document = introduction["document"]
        return await self._asked(
            self.http.put(document["uri"], json=signed, headers=self._may(document))
        )

    async def sign_all(self, text: str) -> Any:
        """The whole ceremony: scan, fetch, sign, send back."""
        introduction = await self.scan(text)
        return await self.send(introduction, self.sign(await self.fetch(introduction)))

    def _may(self, document: dict[str, Any]) -> dict[str, str]:
        if document["auth_type"] != "Token":
            return self.headers
        return {**self.headers, "authorization": f"Bearer {document['auth_token']}"}

    async def _asked(self, asking: Any) -> Any:
        answer = await asking
        if answer.status_code != httpx.codes.OK:
            try:
                message = answer.json().get("message", "")
            except ValueError:
                message = ""
            raise Refused(answer.status_code, message)
        return answer.json()


@click.command(
    help="Sign with a sandbox key what a page shows as QR: TEXT is the QR's text or link."
)
@click.argument("text")
@click.option("--centre", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--iin", required=True, help="The signer's IIN.")
@click.option("--bin", "bin_", required=True, help="The organisation's BIN.")
@click.option("--role", default="head", help="head, signatory, finance or employee.")
def main(text: str, centre: Path, iin: str, bin_: str, role: str) -> None:
    """Play the phone once."""
    import asyncio

    async def play() -> Any:
        now = datetime.now(UTC)
        pair = Centre.load(centre).issue_legal(iin, bin_, "ҚОЛДАНУШЫ СЫНАҚ", "Сынақ", role, now)
        async with httpx.AsyncClient(trust_env=False) as http:
            return await EgovMobile(pair, http).sign_all(text)

    click.echo(asyncio.run(play()))


if __name__ == "__main__":
    main()
