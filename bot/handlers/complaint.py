"""Complaints and disputes: a text is kept until the service has taken it, and taken once."""

from typing import Any

from aiogram import Router
from aiogram.types import Message

from bot import keyboards
from bot.errors import BackendDown, NotLinked, Refused, TooOften
from bot.filters import has_photo, has_text_or_photo
from bot.keyboards import CLINIC_GROUNDS
from bot.model import Policy, Registered
from bot.states import Write
from bot.turn import Turn, place
from bot.words import Ready

TEXT_MIN = 10
TEXT_MAX = 2000


def router() -> Router:
    """What the person writes."""
    made = Router(name="complaint")
    made.message.register(take_dispute, Write.dispute, has_text_or_photo)
    made.message.register(take_complaint, Write.complaint, has_text_or_photo)
    made.message.register(take_photo, Write.photo, has_photo)
    made.message.register(take_once_more, Write.sending, repeated)
    return made


@place("complaint")
async def ask_kind(turn: Turn, what: str) -> None:
    """Ask what the complaint is about."""
    clinic = await _clinic(turn)
    keyboard = keyboards.complaint_kinds(turn.words, clinic=clinic is not None)
    await turn.show(turn.words("complaint-kind"), keyboard)


@place("complain")
async def ask_text(turn: Turn, what: str) -> None:
    """Ask what happened."""
    words = turn.words
    about, kind = {"kind": "ISSUER"}, words("complaint-kind-ISSUER")
    clinic = await _clinic(turn)
    if what in CLINIC_GROUNDS and clinic is not None:
        about = {"kind": "SERVICE", "ground": what, "executor_id": clinic.executor_id or ""}
        kind = Ready(
            f"{words(f'complaint-kind-{what}')}\n{words('policy-clinic', clinic=clinic.executor or '')}"
        )
    await turn.state.set_state(Write.complaint)
    await turn.remember(about=about)
    await turn.show(words("complaint-ask", kind=kind), keyboards.cancel(words))


async def _clinic(turn: Turn) -> Policy | None:
    """The policy that names the person's clinic, if there is one."""
    try:
        policy = await (await turn.api()).policy()
    except Refused as e:
        if e.status != 404:
            raise
        return None
    return policy if policy.executor_id else None


async def take_dispute(message: Message, turn: Turn) -> None:
    """Why a billed service is contested."""
    await _take(turn, "dispute")


async def take_complaint(message: Message, turn: Turn) -> None:
    """What happened."""
    await _take(turn, "complaint")


async def repeated(message: Message, turn: Turn) -> bool:
    """Is this the text that is being sent? Then it could not be finished before."""
    draft: dict[str, Any] | None = await turn.state.get_value("draft")
    return draft is not None and draft["key"] == turn.key


async def take_once_more(message: Message, turn: Turn) -> None:
    """The same text, delivered again after the store was away: with its key, it is one complaint."""
    data = await turn.state.get_data()
    await _send(turn, data["draft"])


async def _take(turn: Turn, what: str) -> None:
    text = turn.text()
    data = await turn.state.get_data()
    if not data.get("about"):
        # The conversation's data lives as long as the session.
        raise NotLinked(expired=True)
    photo = turn.photo()
    if photo is not None and not text:
        await turn.say(turn.words("photo-text-first"), keyboards.cancel(turn.words))
        return
    if len(text) < TEXT_MIN:
        await turn.say(turn.words("text-too-short"), keyboards.cancel(turn.words))
        return
    if len(text) > TEXT_MAX:
        await turn.say(turn.words("text-too-long", max=TEXT_MAX), keyboards.cancel(turn.words))
        return
    draft = {"what": what, "about": data["about"], "text": text, "key": turn.key, "photo": photo}
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
    text = words(
        "complaint-registered",
        number=registered.tracking_number,
        due=words.day(registered.due_on),
    )
    # Said before it is forgotten: whatever fails in between, the number is told, and told once.
    await turn.say(text, keyboards.registered(words))
    await turn.state.set_state(None)
    await turn.forget("draft", "about")
    await turn.remember(complaint=registered.complaint_id)
    if draft.get("photo"):
        await _add(turn, registered.complaint_id, draft["photo"])


@place("photo")
async def ask_photo(turn: Turn, what: str) -> None:
    """A picture to the complaint that was just registered."""
    if not await turn.state.get_value("complaint"):
        await turn.say(turn.words("draft-gone"))
        await turn.go("menu")
        return
    await turn.state.set_state(Write.photo)
    await turn.say(turn.words("photo-ask"), keyboards.cancel(turn.words))


async def take_photo(message: Message, turn: Turn) -> None:
    """The picture; more may follow."""
    complaint_id = await turn.state.get_value("complaint")
    photo = turn.photo()
    if not complaint_id:
        raise NotLinked(expired=True)
    if photo is None:
        await turn.say(turn.words("photo-too-large"), keyboards.cancel(turn.words))
        return
    turn.at = ("photo", "")
    await _add(turn, complaint_id, photo)


async def _add(turn: Turn, complaint_id: str, photo: str) -> None:
    words, api = turn.words, await turn.api()
    try:
        await api.add_picture(complaint_id, await turn.fetch(photo), turn.key)
    except (BackendDown, TooOften):
        await turn.say(words("photo-failed"), keyboards.registered(words))
    except Refused as e:
        await turn.state.set_state(None)
        text = words("photo-refused", title=e.problem.title)
        await turn.say(text, keyboards.back(words))
    else:
        await turn.say(words("photo-taken"), keyboards.registered(words))


async def _deliver(turn: Turn, draft: dict[str, Any]) -> Registered:
    api = await turn.api()
    if draft["what"] == "dispute":
        return await api.dispute(draft["about"], draft["text"], draft["key"])
    return await api.complain(draft["about"], draft["text"], draft["key"])
