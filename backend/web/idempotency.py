"""`Idempotency-Key`: a command sent twice is carried out once and answered the same, byte for byte.

The key is claimed before the handler runs and the answer kept after it. Same key, same request:
the stored answer. Same key, another request: 409. A key whose first request still runs: 409 with
Retry-After. A claim whose process died is taken over after CLAIM_S and its command runs again, though its effect
may stand: the commands themselves are unique in the database, by what they are about (a signed document, a
visit's day, a batch) or, where they are about nothing unique, by their key (a complaint).

Not kept are failures (5xx, 401, 429), which are no outcome, and answers marked `Cache-Control:
no-store`: a bearer token is shown once and lies nowhere.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.kernel.actor import Actor
from backend.kernel.db import Db, Query
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.resources import Resources
from backend.web.bodies import read_body, replay

CLAIM_S = 60
KEPT = timedelta(days=7)  # how long a command may be repeated with its stored answer
_FORGET_AT_ONCE = 5_000
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
FORGET = Query[None](
    """
    DELETE FROM web.idempotent_answer
     WHERE (actor, key) IN (
           SELECT actor, key FROM web.idempotent_answer
            WHERE started_at < $1 ORDER BY started_at LIMIT $2)
    """
)


async def forget_old(resources: Resources) -> None:
    """A sweep: answers older than KEPT are forgotten, some thousands at once."""
    horizon = resources.clock.now() - KEPT
    await FORGET.run(resources.db.signing, horizon, _FORGET_AT_ONCE)


def middleware(
    app: ASGIApp, *, db_of: Callable[[Scope], Db], now: Callable[[], datetime], body_max: int
) -> ASGIApp:
    """Wrap `app`: requests that change something and carry the header pass through the store."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await app(scope, receive, send)
            return
        body = await read_body(receive, body_max)
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
    """Whose key it is: an organisation's or a person's in one seat.

    The seat belongs to it, so that nobody reads an answer to what he may not ask.
    """
    actor: Actor | None = scope.get("user")
    if actor is None:
        return "guest"
    return hashlib.sha256(" ".join([actor.name, *sorted(actor.roles)]).encode()).hexdigest()


async def _once(
    app: ASGIApp, scope: Any, send: Send, db: Db, owner: str, key: str, body: bytes, at: datetime
) -> None:
    digest = _request_sha256(scope, body)
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
    if messages and _is_kept(messages[0]):
        start = messages[0]
        answer = b"".join(m.get("body", b"") for m in messages[1:])
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in start["headers"]}
        await KEEP.run(db, owner, key, start["status"], headers, answer)
    else:
        await RELEASE.run(db, owner, key)
    for message in messages:
        await send(message)


def _request_sha256(scope: Any, body: bytes) -> bytes:
    """What the request asks: method, path, query and body, each under its own hash."""
    parts = [scope["method"].encode(), scope["path"].encode(), scope["query_string"], body]
    return hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).digest()


def _is_kept(start: Any) -> bool:
    if start["status"] >= 500 or start["status"] in (401, 429):
        return False  # not an outcome: the caller shall try again
    return all(
        b"no-store" not in value.lower()
        for name, value in start["headers"]
        if name.lower() == b"cache-control"
    )


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
