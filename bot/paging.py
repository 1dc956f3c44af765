"""Lists by pages: the cursors of a person's list are kept in the conversation's data."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.model import Page
from bot.turn import Turn

T = TypeVar("T")


async def page(
    turn: Turn, name: str, number: int, ask: Callable[[str | None], Awaitable[Page[T]]]
) -> tuple[int, Page[T]]:
    """Page `number` of the list `name`, or its first when the way there is forgotten."""
    data = await turn.state.get_data()
    cursors: list[str | None] = data.get("pages", {}).get(name, [None])
    number = number if 0 <= number < len(cursors) else 0
    found = await ask(cursors[number])
    known = [*cursors[: number + 1], *([found.next] if found.next else [])]
    await turn.remember(pages={**data.get("pages", {}), name: known})
    return number, found


def page_number(what: str) -> int:
    """The page a button asks for."""
    return int(what) if what.isascii() and what.isdigit() and len(what) < 6 else 0
