"""A stand-in of Telegram: the Bot API as a bot sees it, and a person's side to drive it.

Mounted by the sandbox: `route_handlers=[*telegram(Telegram())]`. Everything is under `/telegram`;
a bot is pointed here by SAQTAU_BOT_API_URL=http://127.0.0.1:PORT/telegram.
"""

from litestar import Router

from infra.sandbox.telegram import botapi, control
from infra.sandbox.telegram.state import Telegram

__all__ = ["Telegram", "telegram"]


def telegram(state: Telegram) -> list[Router]:
    """The handlers of the Bot API and of the person's side, over one `state`."""
    return [
        Router("/telegram", route_handlers=[*botapi.handlers(state), *control.handlers(state)]),
    ]
