"""Complaints and disputes: a text is kept until the service has taken it, and taken once."""

from typing import Any

from aiogram import F, Router
from aiogram.types import Message

from bot import keyboards
from bot.errors import BackendDown, NotLinked, Refused, TooOften
from bot.model import Registered
from bot.states import Write
from bot.turn import Turn, new_key, place

TEXT_MIN = 10
TEXT_MAX = 2000


def router() -> Router:
    """What the person writes."""
    made = Router(name="complaint")
    made.message.register(take_dispute, Write.dispute, F.text)
    made.message.register(take_complaint, Write.complaint, F.text)
    return made


@place("complaint")
async def ask_kind(turn: Turn, what: str) -> None:
    """Ask what the complaint is about."""
    await turn.api()
    await turn.show(turn.words("complaint-kind"), keyboards.complaint_kinds(turn.words))


@place("complain")
async def ask_text(turn: Turn, what: str) -> None:
    """Ask what happened."""
    await turn.api()
    await turn.state.set_state(Write.complaint)
    await turn.remember(about="ISSUER")
    text = turn.words("complaint-ask", kind=turn.words("complaint-kind-ISSUER"))
    await turn.show(text, keyboards.cancel(turn.words))


async def take_dispute(message: Message, turn: Turn) -> None:
    """Why a billed service is contested."""
    await _take(turn, "dispute")


async def take_complaint(message: Message, turn: Turn) -> None:
    """What happened."""
    await _take(turn, "complaint")


async def _take(turn: Turn, what: str) -> None:
    text = turn.text()
    if len(text) < TEXT_MIN:
        await turn.say(turn.words("text-too-short"), keyboards.cancel(turn.words))
        return
    if len(text) > TEXT_MAX:
        await turn.say(turn.words("text-too-long", max=TEXT_MAX), keyboards.cancel(turn.words))
        return
    data = await turn.state.get_data()
    draft = {"what": what, "about": data.get("about", ""), "text": text, "key": new_key()}
    await turn.state.set_state(Write.sending)
    await turn.remember(draft=draft)
    await _send(turn, draft)


@place("send")
async def send_again(turn: Turn, what: str) -> None:
    """The kept text, with the same key: sent twice it is still one complaint."""
    draft = await turn.state.get_value("draft")
    if not draft:
        await turn.say(turn.words("draft-gone"))
        await turn.go("menu")
        return
    await turn.state.set_state(Write.sending)
    await _send(turn, draft)


async def _send(turn: Turn, draft: dict[str, Any]) -> None:
    words = turn.words
    turn.at = ("send", "")
    try:
        registered = await _deliver(turn, draft)
    except (BackendDown, TooOften):
        await turn.say(words("draft-kept"), keyboards.send_again(words))
        return
    except NotLinked:
        raise  # the draft stays: it is offered again after linking
    except Refused as e:
        await turn.state.set_state(None)
        await turn.forget("draft", "about")
        if e.problem.code != "ALREADY_DISPUTED":
            raise
        number = str(e.problem.facts.get("tracking_number", ""))
        await turn.say(words("already-disputed", number=number), keyboards.back(words))
        return
    await turn.state.set_state(None)
    await turn.forget("draft", "about")
    text = words(
        "complaint-registered",
        number=registered.tracking_number,
        due=words.day(registered.due_on),
    )
    await turn.say(text, keyboards.back(words))


async def _deliver(turn: Turn, draft: dict[str, Any]) -> Registered:
    api = await turn.api()
    if draft["what"] == "dispute":
        return await api.dispute(draft["about"], draft["text"], draft["key"])
    return await api.complain(draft["about"], draft["text"], draft["key"])
