"""A complaint by its number; the number alone opens it, and it says nothing of the person."""

import re

from aiogram import Router
from aiogram.types import Message

from bot import keyboards
from bot.errors import Refused
from bot.filters import has_text
from bot.model import OwnComplaint
from bot.paging import page, page_number
from bot.states import Track
from bot.turn import Turn, place
from bot.words import Ready, Words

ANSWER_MAX = 600
# Thirteen characters of Crockford's alphabet; people read I and L as 1, O as 0.
_NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{13}")
_MISREAD = str.maketrans("ILO", "110")


def router() -> Router:
    """The number the person types."""
    made = Router(name="track")
    made.message.register(take_number, Track.number, has_text)
    return made


def read_number(text: str) -> str | None:
    """A complaint's number, however it was typed, or None."""
    number = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
    return number if _NUMBER.fullmatch(number) else None


@place("track")
async def ask_number(turn: Turn, what: str) -> None:
    """A complaint whose number is given; else the person's own ones; else ask for the number."""
    if read_number(what) is not None:
        await show(turn, what)
        return
    await turn.state.set_state(Track.number)
    if await turn.token() is None:
        await turn.show(turn.words("track-ask"), keyboards.cancel(turn.words))
        return
    number, found = await page(turn, "track", page_number(what), (await turn.api()).complaints)
    words = turn.words
    if not found.items:
        await turn.show(words("track-ask"), keyboards.cancel(words))
        return
    parts = [words("track-own"), *(_line(words, c) for c in found.items), words("track-other")]
    keyboard = keyboards.paged(words, "track", number, more=found.next is not None)
    await turn.show(Ready("\n\n".join(parts)), keyboard)


def _line(words: Words, own: OwnComplaint) -> str:
    line = words(
        "track-line",
        number=own.tracking_number,
        registered=words.moment(own.registered_at),
        status=words(f"complaint-status-{own.status}"),
    )
    if own.answer is None:
        return f"{line}\n{words('track-due', due=words.day(own.due_on))}"
    return f"{line}\n{words('track-answer', answer=_shown(own.answer))}"


def _shown(answer: str) -> str:
    """An answer short enough for five of them to fit in a message."""
    return answer if len(answer) <= ANSWER_MAX else answer[: ANSWER_MAX - 1] + "…"


async def take_number(message: Message, turn: Turn) -> None:
    """The number."""
    number = read_number(turn.text())
    if number is None:
        await turn.say(turn.words("track-shape"), keyboards.cancel(turn.words))
        return
    await turn.go("track", number)


async def show(turn: Turn, number: str) -> None:
    """Where the complaint is, and the answer if there is one."""
    words = turn.words
    try:
        found = await (await turn.open_api()).complaint(number)
    except Refused as e:
        if e.status != 404:
            raise
        await turn.state.set_state(Track.number)
        await turn.show(words("track-none"), keyboards.cancel(words))
        return
    await turn.state.set_state(None)
    text = words(
        "track",
        number=found.tracking_number,
        status=words(f"complaint-status-{found.status}"),
        registered=words.moment(found.registered_at),
        due=words.day(found.due_on),
    )
    await turn.show(text, keyboards.back(words))
