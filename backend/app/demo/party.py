"""A party of the demo: its key, its session, and the public API as it sees it."""

import asyncio
import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec

from infra.sandbox.nca.keypair import KeyPair

TRIES = 40
_PAUSE_S = 0.25


class UnexpectedAnswer(AssertionError):
    """The service answered otherwise than the story expects; the text quotes it."""


class Answer(msgspec.Struct, frozen=True):
    """What the service answered."""

    status: int
    body: Any

    @property
    def code(self) -> str | None:
        """The `code` of a problem document."""
        return self.body.get("code") if isinstance(self.body, dict) else None


class Party:
    """Signs in with its own key, signs its own documents, and knows nothing but HTTP."""

    def __init__(
        self, name: str, key: KeyPair | None, http: httpx.AsyncClient, now: Callable[[], datetime]
    ) -> None:
        self.name, self.key, self._http, self._now = name, key, http, now
        self.token: str | None = None

    async def get(self, path: str, **parameters: Any) -> Any:
        """GET; the decoded answer. Raises UnexpectedAnswer unless it is 2xx."""
        return (await self.expect("GET", path, params=parameters)).body

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """POST JSON; the decoded answer. Raises UnexpectedAnswer unless it is 2xx."""
        return (await self.expect("POST", path, json=body, **more)).body

    async def post_octets(self, path: str, octets: bytes) -> Any:
        """POST a file as it is; the decoded answer. Raises UnexpectedAnswer unless it is 2xx."""
        return (await self.expect("POST", path, octets=octets)).body

    async def put(self, path: str, body: Any = None) -> Any:
        """PUT JSON; the decoded answer. Raises UnexpectedAnswer unless it is 2xx."""
        return (await self.expect("PUT", path, json=body)).body

    async def signed(self, path: str, command: dict[str, Any], **more: Any) -> Any:
        """POST a signed command; the decoded answer. Raises UnexpectedAnswer unless it is 2xx."""
        return await self.post(path, self.sign(command), **more)

    def sign(self, command: dict[str, Any]) -> dict[str, str]:
        """`{document, signature}`: the command's exact bytes and a detached CMS over them."""
        document = msgspec.json.encode(command)
        return {
            "document": base64.b64encode(document).decode(),
            "signature": self.sign_bytes(document),
        }

    def sign_bytes(self, document: bytes) -> str:
        """A detached CMS over `document`, base64."""
        assert self.key is not None, f"{self.name} has no key"
        return base64.b64encode(self.key.sign_cms(document, detached=True, at=self._now())).decode()

    def signed_challenge(self, challenge: dict[str, str]) -> dict[str, str]:
        """The answer to a login challenge: its exact bytes, signed."""
        document = base64.b64decode(challenge["document"])
        return {
            "challenge_id": challenge["challenge_id"],
            "signature": self.sign_bytes(document),
        }

    async def expect(self, method: str, path: str, **more: Any) -> Answer:
        """The answer, which must be 2xx."""
        answer = await self.ask(method, path, **more)
        if not 200 <= answer.status < 300:
            raise UnexpectedAnswer(
                f"{self.name}: {method} {path} answered {answer.status}: {answer.body}"
            )
        return answer

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        octets: bytes | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
    ) -> Answer:
        """Any answer. Signs in when the session has ended, waits when told to (503, 429)."""
        content = octets if json is None else msgspec.json.encode(json)
        kind = "application/json" if octets is None else "application/octet-stream"
        for _ in range(TRIES):
            sent = dict(headers or {})
            if content is not None:
                sent["content-type"] = kind
            if self.token:
                sent["authorization"] = f"Bearer {self.token}"
            response = await self._http.request(
                method, f"/api/v1{path}", content=content, headers=sent, params=params
            )
            if response.status_code == 401 and self.key is not None:
                await self.sign_in()
                continue
            if response.status_code == 503:
                await asyncio.sleep(_PAUSE_S)
                continue
            break
        body = msgspec.json.decode(response.content) if response.content else None
        return Answer(response.status_code, body)

    async def sign_in(self) -> None:
        """Ask for a challenge, sign it, keep the token."""
        self.token = None
        for _ in range(TRIES):
            challenge = (await self._http.post("/api/v1/login/challenges")).json()
            response = await self._http.post(
                "/api/v1/login/sessions", json=self.signed_challenge(challenge)
            )
            if response.status_code == 201:
                self.token = response.json()["token"]
                return
            if response.status_code != 503:
                break
            await asyncio.sleep(_PAUSE_S)
        raise UnexpectedAnswer(f"{self.name} cannot sign in: {response.text}")

    async def all(self, path: str, **parameters: Any) -> list[Any]:
        """Every item of a cursor-paged list."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = await self.get(path, **parameters, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items
