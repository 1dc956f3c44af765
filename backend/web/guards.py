"""Who may call a handler: deny by default, one row of the permission matrix per handler.

Guards are coroutines: Litestar sends plain functions to a thread, where they would queue behind
signatures being verified.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.errors import Forbidden, Unauthenticated
from backend.web.limits import CHAT

CHAT_HEADER = "saqtau-chat"
CHAT_MAX = 40
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class requires:  # noqa: N801  (reads as a word: guards=[requires(Role.ISSUER_HEAD)])
    """A guard: the actor must hold one of `roles`. The matrix test reads `roles` from here.

    What a citizen alone may do asks for a `scope` of the session too: reading, unless said. Whatever
    changes something must say it (tests/architecture/test_permissions.py).
    """

    def __init__(self, *roles: Role | frozenset[Role], scope: Scope | None = None) -> None:
        self.roles: frozenset[Role] = frozenset(
            r for given in roles for r in (given if isinstance(given, frozenset) else {given})
        )
        self.said = scope
        self.scope = (scope or Scope.READ) if self.roles == {Role.INSURED} else None

    def admits(self, actor: Actor) -> bool:
        """Whether this actor may pass."""
        if not actor.roles & self.roles:
            return False
        return self.scope is None or actor.scopes is None or self.scope in actor.scopes

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
    ) -> None:
        """Raise Unauthenticated without a session, Forbidden without one of the roles or the scope."""
        actor: Actor | None = connection.scope.get("user")
        if actor is None:
            raise Unauthenticated
        if not self.admits(actor):
            raise Forbidden


async def public(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    """A guard that lets guests in, said aloud: a handler without any guard fails a test."""


def address_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Where a guest connects from, as limits count it.

    No header is asked, for anyone may write one (FAULTS 13); but for the bot's, which signed in with its
    own certificate: all chats come from its address, and it names the chat it asks for.
    """
    actor: Actor | None = request.scope.get("user")
    if actor is not None and Role.BOT in actor.roles:
        return f"{CHAT}{actor.bin}/{request.headers.get(CHAT_HEADER, '')[:CHAT_MAX]}"
    return request.client.host if request.client else "unknown"
