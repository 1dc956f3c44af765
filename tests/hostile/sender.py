"""Sends attacks as one role after another; a session that is lost is opened anew."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import msgspec

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from tests.conftest import open_session
from tests.hostile import judge
from tests.hostile.attacks import Attack
from tests.hostile.operations import Operation, seat

STREAM_S = 0.3


class Sender:
    """Keeps the score: how many were sent, what was answered, what was wrong."""

    def __init__(self, app: Any, resources: Resources) -> None:
        self._resources = resources
        self._tokens: dict[Role, str] = {}
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://saqtau.test")
        self.sent: Counter[str] = Counter()
        self.by_group: dict[str, Counter[int]] = {}
        self.wrong: dict[tuple[str, str], list[str]] = {}

    async def token(self, role: Role) -> str:
        """A session of this role."""
        if role not in self._tokens:
            self._tokens[role] = await open_session(self._resources, role, **seat(role))
        return self._tokens[role]

    async def forget_limits(self) -> None:
        """Nobody has asked anything yet: else a limit would hide what follows."""
        keys = [k async for k in self._resources.valkey.scan_iter("limit:*", count=1_000)]
        if keys:
            await self._resources.valkey.delete(*keys)

    async def request(self, one: Operation, role: Role | None, attack: Attack) -> Any:
        """The answer; None from a stream that opened and goes on."""
        own = dict(attack.headers)
        headers = [(b"accept-language", judge.LANGUAGE_ASKED.encode())]
        if one.media is not None:
            headers.append((b"content-type", one.media.encode()))
        headers += [(k.encode(), v.encode()) for k, v in one.headers.items()]
        if role is not None:
            headers.append((b"authorization", b"Bearer " + (await self.token(role)).encode()))
        headers = [h for h in headers if h[0] not in own] + list(attack.headers)
        request = self.http.build_request(
            one.method, attack.url, content=attack.content, headers=headers
        )
        if not one.streams:
            return await self.http.send(request)
        try:
            return await asyncio.wait_for(self.http.send(request), STREAM_S)
        except TimeoutError:
            return None

    async def send(self, one: Operation, role: Role | None, attack: Attack) -> None:
        """Send it and judge the answer."""
        answer = await self.request(one, role, attack)
        if answer is None:
            return
        ended = answer.status_code == 401 and b"authorization" not in dict(attack.headers)
        if ended and role is not None:
            self._tokens.pop(
                role, None
            )  # this very operation, or the one before, ended the session
            answer = await self.request(one, role, attack)
        if answer.status_code == 429:
            await self.forget_limits()
            answer = await self.request(one, role, attack)
        self.sent[one.name] += 1
        self.by_group.setdefault(attack.group, Counter())[answer.status_code] += 1
        for fault in judge.faults(one, attack, answer):
            shown = (
                f"{role} {one.method} {attack.url[:100]} [{attack.kind[:60]}] "
                f"{(attack.content or b'')[:160]!r} -> {answer.status_code} {answer.text[:200]}"
            )
            self.wrong.setdefault((one.name, fault), []).append(shown)

    def report(self, most: int = 60) -> str:
        """What was wrong, an example each."""
        lines = [f"{len(self.wrong)} kinds of faults"]
        for (name, fault), shown in list(self.wrong.items())[:most]:
            lines.append(f"{name}: {fault} (x{len(shown)})\n    {shown[0]}")
        return "\n".join(lines)


def tagged() -> dict[str, type]:
    """operation -> the struct that is signed for it."""
    found: dict[str, type] = {}
    waiting: list[type] = [msgspec.Struct]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            told = kind.__struct_config__  # type: ignore[attr-defined]
            if told.tag_field == "operation" and isinstance(told.tag, str):
                found[told.tag] = kind
    return found
