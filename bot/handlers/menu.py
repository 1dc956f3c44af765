"""The menu, the languages, help; and the doors: buttons and commands lead to places."""

import contextlib

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.errors import BackendDown, Refused, TooOften
from bot.keyboards import COMMANDS, Go
from bot.own_session import NoSession
from bot.turn import PLACES, Turn, place
from bot.words import LANGUAGES, Ready, Words


def router() -> Router:
    """Commands and buttons, before anything a conversation waits for."""
    made = Router(name="menu")
    made.message.register(start, CommandStart())
    made.message.register(command, Command(*COMMANDS))
    made.callback_query.register(press, Go.filter(F.place.in_(PLACES)))
    made.callback_query.register(stale)
    return made


async def start(message: Message, turn: Turn) -> None:
    """/start: hello, and where one can go."""
    await turn.leave()
    await turn.go("menu", "hello")


async def command(message: Message, turn: Turn, command: CommandObject) -> None:
    """/status and the like: the same places the buttons lead to."""
    await turn.leave()
    await turn.go(command.command)


async def press(query: CallbackQuery, callback_data: Go, turn: Turn) -> None:
    """A button; what a conversation waited for is left."""
    await turn.leave()
    await turn.go(callback_data.place, callback_data.what)


async def stale(query: CallbackQuery, turn: Turn) -> None:
    """A button of an older edition of the bot."""
    await turn.go("menu")


@place("menu")
async def show_menu(turn: Turn, what: str) -> None:
    """Everything the bot can do; a newcomer is greeted and shown the way in."""
    linked = await turn.token() is not None
    text = turn.words("menu" if linked else "hello")
    if linked and what == "hello":
        text = Ready(turn.words("greeting") + "\n\n" + text)
    await turn.show(text, keyboards.menu(turn.words, linked=linked))


@place("cancel")
async def cancel(turn: Turn, what: str) -> None:
    """Leave what was begun; nothing of it is kept."""
    await turn.forget("draft", "wanted", "about")
    await turn.memory.forget_linking(turn.chat_id)
    linked = await turn.token() is not None
    await turn.show(turn.words("cancelled"), keyboards.menu(turn.words, linked=linked))


@place("help")
async def show_help(turn: Turn, what: str) -> None:
    """Telephones, and what one may ask."""
    await turn.show(turn.words("help"), keyboards.back(turn.words))


@place("language")
async def choose_language(turn: Turn, what: str) -> None:
    """Ask for the language."""
    await turn.show(turn.words("choose-language"), keyboards.languages())


@place("speak")
async def speak(turn: Turn, what: str) -> None:
    """Speak that language from now on."""
    if what in LANGUAGES:
        await turn.memory.choose_language(turn.chat_id, what)
        turn.words = Words(what)
        with contextlib.suppress(NoSession, BackendDown, TooOften, Refused):
            await turn.service.own.speak(turn.chat_id, what)
    linked = await turn.token() is not None
    await turn.show(turn.words("language-chosen"), keyboards.menu(turn.words, linked=linked))
