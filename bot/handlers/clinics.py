"""The nearest clinics: the place is asked of the person, used once, and kept nowhere."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.types import Message, ReplyKeyboardRemove

from bot import keyboards
from bot.errors import Refused
from bot.filters import has_location
from bot.model import Clinic
from bot.turn import Turn, place
from bot.words import Ready, Words


def router() -> Router:
    """A shared place, whenever it comes."""
    made = Router(name="clinics")
    made.message.register(take_place, StateFilter(None), has_location)
    return made


@place("clinics")
async def ask_place(turn: Turn, what: str) -> None:
    """Ask for the place."""
    await turn.say(turn.words("clinics-ask"), keyboards.share_place(turn.words))


async def take_place(message: Message, turn: Turn) -> None:
    """The clinics near it; the place itself is taken out of the chat."""
    words, at = turn.words, message.location
    assert at is not None, "filtered"
    await turn.hide()
    turn.at = ("clinics", "")
    try:
        found = await (await turn.open_api()).nearest(at.latitude, at.longitude)
    except Refused as e:
        if e.status != 422:
            raise
        found = []  # not in Kazakhstan
    if not found:
        await turn.say(words("clinics-none"), ReplyKeyboardRemove())
        return
    await turn.say(words("clinics-thanks"), ReplyKeyboardRemove())
    lines = [words("clinics-title"), *(_line(words, n, c) for n, c in enumerate(found, start=1))]
    await turn.say(Ready("\n\n".join(lines)), keyboards.maps(words, found))


def _line(words: Words, number: int, clinic: Clinic) -> str:
    return words(
        "clinics-line",
        number=number,
        executor=clinic.executor,
        name=clinic.name,
        address=clinic.address,
        distance=words.distance(clinic.distance_m),
    )


@place("map")
async def show_map(turn: Turn, what: str) -> None:
    """A clinic on the map."""
    north, _, east = what.partition(",")
    try:
        latitude, longitude = float(north), float(east)
    except ValueError:
        await turn.go("clinics")
        return
    await turn.map(latitude, longitude)
