"""Everything that can go wrong, said once and kindly; each error has one place here."""

import logging

from aiogram import Bot, Router
from aiogram.exceptions import TelegramForbiddenError
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent

from bot import keyboards
from bot.errors import LATER, BackendDown, NotLinked, Refused, TooOften
from bot.pace import wait_words
from bot.turn import Turn
from bot.words import Words, language_for

log = logging.getLogger("bot")


def router() -> Router:
    """The errors, the known ones first."""
    made = Router(name="errors")
    made.errors.register(later, ExceptionTypeFilter(*LATER))
    made.errors.register(not_linked, ExceptionTypeFilter(NotLinked))
    made.errors.register(backend_down, ExceptionTypeFilter(BackendDown))
    made.errors.register(too_often, ExceptionTypeFilter(TooOften))
    made.errors.register(refused, ExceptionTypeFilter(Refused))
    made.errors.register(blocked, ExceptionTypeFilter(TelegramForbiddenError))
    made.errors.register(broken)
    return made


async def later(event: ErrorEvent) -> None:
    """Nothing was done, and nothing is said: Telegram delivers the update again."""
    raise event.exception


async def not_linked(event: ErrorEvent, turn: Turn) -> None:
    """Ask to link, and remember where the person was going."""
    assert isinstance(event.exception, NotLinked)
    words = turn.words
    await turn.forget("token", "renewal", "pages")
    await turn.state.set_state(None)
    if turn.at[0] != "send":
        await turn.remember(wanted=turn.at)
    text = words("session-over" if event.exception.expired else "link-why")
    await turn.show(text, keyboards.link(words))


async def backend_down(event: ErrorEvent, turn: Turn) -> None:
    """The service is down: say so, and offer the same once more."""
    log.warning("the service does not answer: %s", event.exception)
    await turn.say(turn.words("down"), keyboards.again(turn.words, *turn.at))


async def too_often(event: ErrorEvent, turn: Turn) -> None:
    """The service asks for patience."""
    assert isinstance(event.exception, TooOften)
    wait = wait_words(turn.words, event.exception.retry_after_s)
    keyboard = keyboards.again(turn.words, *turn.at)
    await turn.say(turn.words("too-often", wait=wait), keyboard)


async def refused(event: ErrorEvent, turn: Turn) -> None:
    """A refusal no feature expected: its title, in the person's language."""
    assert isinstance(event.exception, Refused)
    log.info("refused: %s", event.exception.problem.code)
    text = turn.words("refused", title=event.exception.problem.title)
    await turn.say(text, keyboards.back(turn.words))


async def blocked(event: ErrorEvent) -> None:
    """The person has blocked the bot: there is nobody to talk to."""


async def broken(event: ErrorEvent, bot: Bot, turn: Turn | None = None) -> None:
    """A defect of ours: logged by its kind, apologised for."""
    log.error("defect: %s", type(event.exception).__name__, exc_info=event.exception)
    inner = event.update.message or event.update.callback_query
    if inner is None or inner.from_user is None:
        return
    person = inner.from_user
    words = turn.words if turn else Words(language_for(None, person.language_code))
    await bot.send_message(person.id, words("broken"), reply_markup=keyboards.back(words))
