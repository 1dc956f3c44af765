"""`Idempotency-Key`: a command sent twice is carried out once and answered the same, byte for byte.

The key is claimed before the handler runs and the answer kept after it. Same key, same request:
the stored answer. Same key, another request: 409. A key whose first request still runs: 409 with
Retry-After. A claim whose process died is taken over after CLAIM_S; the commands themselves are
unique in the database, so the second run cannot double an effect.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.kernel import strict_json
from backend.kernel.actor import Actor
from backend.kernel.db import Db, Query
from backend.kernel.errors import Conflict, Invalid

CLAIM_S = 60
KEY_MAX = 200
_METHODS = {"POST", "PUT", "PATCH", "DELETE"}


class KeyReused(Conflict):
    """The same key came with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class StillRunning(Conflict):
    """The first request of this key is still being carried out."""

    code = "IDEMPOTENCY_STILL_RUNNING"


class BadKey(Invalid):
    """The header is empty, too long or not printable ASCII."""

    code = "IDEMPOTENCY_KEY_BAD"


class BodyTooLarge(Invalid):
    """The body is larger than the service reads."""

    code = "TOO_LARGE"


class Stored(msgspec.Struct, frozen=True):
    """What is kept for a key."""

    request_sha256: bytes
    started_at: datetime
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None


CLAIM = Query[None](
    """
    INSERT INTO web.idempotent_answer (actor, key, request_sha256, started_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (actor, key) DO UPDATE SET started_at = EXCLUDED.started_at
     WHERE idempotent_answer.status IS NULL
       AND idempotent_answer.request_sha256 = EXCLUDED.request_sha256
       AND idempotent_answer.started_at < $5
    """
)
FIND = Query[Stored](
    """
    SELECT request_sha256, started_at, status, headers, body
      FROM web.idempotent_answer
     WHERE actor = $1 AND key = $2
    """
)
KEEP = Query[None](
    """
    UPDATE web.idempotent_answer SET status = $3, headers = $4, body = $5
     WHERE actor = $1 AND key = $2 AND status IS NULL
    """
)
RELEASE = Query[None](
    "DELETE FROM web.idempotent_answer WHERE actor = $1 AND key = $2 AND status IS NULL"
)


def middleware(
    app: ASGIApp, *, db_of: Callable[[Scope], Db], now: Callable[[], datetime]
) -> ASGIApp:
    """Wrap `app`: requests that change something and carry the header pass through the store."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await app(scope, receive, send)
            return
        body = await read_body(receive, int(scope.get("body_max_bytes", 16 * 1024 * 1024)))  # type: ignore[call-overload]
        await _once(app, scope, send, db_of(scope), _owner(scope), key, body, now())

    return handle


def _key(scope: Scope) -> str | None:
    if scope["type"] != ScopeType.HTTP or scope["method"] not in _METHODS:
        return None
    values = [v for k, v in scope["headers"] if k == b"idempotency-key"]
    if not values:
        return None
    raw = values[0]
    if len(values) > 1 or not 1 <= len(raw) <= KEY_MAX or not all(32 < b < 127 for b in raw):
        raise BadKey(path="Idempotency-Key")
    return raw.decode("ascii")


def _owner(scope: Scope) -> str:
    actor: Actor | None = scope.get("user")
    if actor is None:
        return "guest"
    return actor.bin or str(actor.person_id or actor.session_id)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body; refused once it is longer than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            break
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        parts.append(part)
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def replay(body: bytes) -> Receive:
    """A receive channel that gives `body` once."""
    given = False

    async def receive() -> Any:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _once(
    app: ASGIApp, scope: Any, send: Send, db: Db, owner: str, key: str, body: bytes, at: datetime
) -> None:
    request = b"\n".join([scope["method"].encode(), scope["path"].encode(), body])
    digest = hashlib.sha256(request).digest()
    if not await CLAIM.run(db, owner, key, digest, at, at - timedelta(seconds=CLAIM_S)):
        await _answer_again(await FIND.get(db, owner, key), digest, send)
        return
    messages: list[Any] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    try:
        await app(scope, replay(body), keep)
    except BaseException:
        await RELEASE.run(db, owner, key)
        raise
    start = messages[0]
    answer = b"".join(m.get("body", b"") for m in messages[1:])
    if start["status"] >= 500 or start["status"] in (401, 429):
        await RELEASE.run(db, owner, key)  # not an outcome: the caller shall try again
    else:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in start["headers"]}
        await KEEP.run(db, owner, key, start["status"], headers, answer)
    for message in messages:
        await send(message)


async def _answer_again(stored: Stored, digest: bytes, send: Any) -> None:
    if stored.request_sha256 != digest:
        raise KeyReused(path="Idempotency-Key")
    if stored.status is None or stored.headers is None or stored.body is None:
        raise StillRunning(path="Idempotency-Key", retry_after_s=1)
    headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in stored.headers.items()]
    await send(
        {
            "type": "http.response.start",
            "status": stored.status,
            "headers": [*headers, (b"idempotency-replayed", b"true")],
        }
    )
    await send({"type": "http.response.body", "body": stored.body, "more_body": False})


def require_strict_json(body: bytes) -> None:
    """Refuse a JSON body with repeated keys or too deep nesting (NotJson, BadJson)."""
    strict_json.require_unique_keys(body)
