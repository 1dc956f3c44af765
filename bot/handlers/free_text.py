"""Whatever nobody else took: questions in a person's own words, numbers sent by mistake, pictures."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.types import InlineKeyboardMarkup, Message

from bot import keyboards
from bot.filters import has_no_text, has_text
from bot.handlers.track import read_number
from bot.numbers import mentions_iin
from bot.questions import understand
from bot.states import Link, Track, Write
from bot.turn import Turn


def router() -> Router:
    """The last router."""
    made = Router(name="free_text")
    made.message.register(not_text, StateFilter(Link, Write, Track), has_no_text)
    made.message.register(answer, has_text)
    made.message.register(menu)
    return made


async def not_text(message: Message, turn: Turn) -> None:
    """A picture or a voice where words are awaited."""
    await turn.say(turn.words("text-only"), keyboards.cancel(turn.words))


async def answer(message: Message, turn: Turn) -> None:
    """A question, by rules; a complaint's number; an IIN that should not stay in the chat."""
    text = turn.text()
    if mentions_iin(text):
        await turn.hide()
        await turn.say(turn.words("iin-in-chat"), await _menu(turn))
        return
    if (number := read_number(text)) is not None:
        await turn.go("track", number)
        return
    found = understand(text)
    if found is None:
        await turn.say(turn.words("not-understood"), await _menu(turn))
        return
    await turn.go(*found)


async def menu(message: Message, turn: Turn) -> None:
    """A sticker, a place, a picture out of the blue."""
    await turn.say(turn.words("text-only"), await _menu(turn))


async def _menu(turn: Turn) -> InlineKeyboardMarkup:
    return keyboards.menu(turn.words, linked=await turn.token() is not None)
