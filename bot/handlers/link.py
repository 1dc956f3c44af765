"""Linking the chat with a person: IIN, the person's own number, a one-time code (M §47).

What is typed here is deleted from the chat at once, and kept only until the session opens.
"""

import contextlib

from aiogram import Router
from aiogram.types import Message, ReplyKeyboardRemove

from bot import keyboards
from bot.errors import BackendDown, NotLinked, Refused, TooOften
from bot.filters import has_text, has_text_or_contact
from bot.memory import Linking
from bot.model import Session
from bot.numbers import read_code, read_iin, read_phone
from bot.pace import wait_words
from bot.states import Link
from bot.turn import Turn, place

CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"


def router() -> Router:
    """What the person types while linking."""
    made = Router(name="link")
    made.message.register(take_iin, Link.iin, has_text)
    made.message.register(take_phone, Link.phone, has_text_or_contact)
    made.message.register(take_code, Link.code, has_text)
    return made


@place("link")
async def begin(turn: Turn, what: str) -> None:
    """Ask for the IIN; someone who is in already goes to the menu."""
    if await turn.token() is not None:
        await turn.go("menu")
        return
    await turn.state.set_state(Link.iin)
    await turn.show(turn.words("link-iin"), keyboards.ways_in(turn.words))


async def take_iin(message: Message, turn: Turn) -> None:
    """The IIN, checked for a slip; whether there is such a person is never told."""
    await turn.hide()
    iin = read_iin(turn.text())
    if iin is None:
        await turn.say(turn.words("link-iin-wrong"), keyboards.cancel(turn.words))
        return
    await turn.memory.keep_linking(turn.chat_id, Linking(iin=iin))
    await turn.state.set_state(Link.phone)
    await turn.say(turn.words("link-phone"), keyboards.share_phone(turn.words))


async def take_phone(message: Message, turn: Turn) -> None:
    """The number, shared by Telegram's button or typed."""
    await turn.hide()
    contact = message.contact
    if contact is not None and contact.user_id != turn.chat_id:
        await turn.say(turn.words("link-phone-foreign"), keyboards.share_phone(turn.words))
        return
    phone = read_phone(contact.phone_number if contact else turn.text())
    if phone is None:
        await turn.say(turn.words("link-phone-wrong"), keyboards.share_phone(turn.words))
        return
    linking = await turn.memory.linking(turn.chat_id)
    if linking is None:
        await _start_again(turn)
        return
    linking = Linking(iin=linking.iin, phone=phone)
    await turn.memory.keep_linking(turn.chat_id, linking)
    await turn.say(turn.words("link-phone-taken"), ReplyKeyboardRemove())
    await turn.state.set_state(Link.code)
    await _send_code(turn, linking)


@place("resend")
async def resend(turn: Turn, what: str) -> None:
    """Another code to the same number."""
    linking = await turn.memory.linking(turn.chat_id)
    if linking is None or not linking.phone:
        await _start_again(turn)
        return
    await turn.state.set_state(Link.code)
    await _send_code(turn, linking)


async def _send_code(turn: Turn, linking: Linking) -> None:
    turn.at = ("resend", "")  # if the service is down, "try again" asks for the code again
    await (await turn.open_api()).send_code(linking.iin, linking.phone)
    await turn.say(turn.words("link-code"), keyboards.code(turn.words))


async def take_code(message: Message, turn: Turn) -> None:
    """The code; right, the chat is linked and the person goes where they wanted."""
    await turn.hide()
    code = read_code(turn.text())
    if code is None:
        await turn.say(turn.words("link-code-shape"), keyboards.code(turn.words))
        return
    linking = await turn.memory.linking(turn.chat_id)
    if linking is None:
        await _start_again(turn)
        return
    turn.at = ("resend", "")
    proof = {"iin": linking.iin, "phone": linking.phone, "code": code}
    try:
        session = await (await turn.open_api()).sign_in(proof, consent=linking.consent)
    except Refused as e:
        if e.problem.code == CONSENT_WITHDRAWN:
            await turn.say(turn.words("link-consent"), keyboards.consent(turn.words))
            return
        await turn.say(turn.words("link-code-wrong"), keyboards.code(turn.words))
        return
    except TooOften as e:
        wait = wait_words(turn.words, e.retry_after_s)
        await turn.say(turn.words("link-frozen", wait=wait), keyboards.cancel(turn.words))
        return
    await turn.memory.forget_linking(turn.chat_id)
    await welcome(turn, session)


@place("consent")
async def consent(turn: Turn, what: str) -> None:
    """The consent withdrawn before is given anew; the code still holds, and is typed once more."""
    linking = await turn.memory.linking(turn.chat_id)
    if linking is None or not linking.phone:
        await _start_again(turn)
        return
    await turn.memory.keep_linking(turn.chat_id, Linking(linking.iin, linking.phone, consent=True))
    await turn.state.set_state(Link.code)
    await turn.show(turn.words("link-consent-given"), keyboards.code(turn.words))


async def welcome(turn: Turn, session: Session) -> None:
    """Linked: an unsent text first, then the place the person was on the way to, else the menu."""
    await turn.state.set_state(None)
    await turn.keep(session)
    data = await turn.state.get_data()
    if data.get("draft"):
        text = turn.words("link-done") + "\n\n" + turn.words("link-draft")
        await turn.say(text, keyboards.send_again(turn.words))
        return
    wanted = data.get("wanted")
    await turn.forget("wanted")
    keyboard = None if wanted else keyboards.menu(turn.words, linked=True)
    await turn.say(turn.words("link-done"), keyboard)
    if wanted:
        await turn.go(*wanted)


async def _start_again(turn: Turn) -> None:
    await turn.state.set_state(Link.iin)
    await turn.say(turn.words("link-too-long"), ReplyKeyboardRemove())
    await turn.say(turn.words("link-iin"), keyboards.ways_in(turn.words))


@place("unlink")
async def unlink(turn: Turn, what: str) -> None:
    """Sign out, here and at the service; here even if the service is down: its session ends soon.

    Nothing is told in this chat any more; the service hears of it as soon as it answers.
    """
    if turn.service.own.possible:
        await turn.memory.leave(turn.chat_id)
    with contextlib.suppress(BackendDown, NotLinked, Refused, TooOften):
        await (await turn.api()).sign_out()
    await turn.state.clear()
    await turn.memory.forget_linking(turn.chat_id)
    await turn.show(turn.words("unlinked"), keyboards.menu(turn.words, linked=False))
