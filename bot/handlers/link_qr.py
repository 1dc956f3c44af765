"""Linking the chat by a signature in eGov Mobile: no number is typed here at all (M §47)."""

import asyncio
import io
from typing import Any

import segno
from aiogram.fsm.storage.base import StorageKey

from bot import keyboards
from bot.errors import LATER, BackendDown, NotLinked, Refused, TooOften
from bot.handlers.link import CONSENT_WITHDRAWN, welcome
from bot.states import Link
from bot.turn import Turn, place

_WAIT_S = 25
_LIFE_S = 600  # a package lives ten minutes
_AGAIN_S = 2.0
_WAITING = ("PENDING", "OPENED")


@place("link-qr")
async def offer(turn: Turn, what: str) -> None:
    """A QR to scan, a link to open on this very telephone, and a button to press afterwards."""
    if await turn.token() is not None:
        await turn.go("menu")
        return
    await turn.memory.forget_linking(turn.chat_id)
    offered = await (await turn.open_api()).offer_login()
    qr = {"package": offered.package_id, "watch": offered.watch_token or ""}
    await turn.state.set_state(Link.qr)
    await turn.remember(qr=qr)
    keyboard = keyboards.sign(turn.words, offered.links.egov_mobile)
    await turn.picture(picture(offered.qr_text), "qr.png", turn.words("link-qr"), keyboard)
    turn.service.beside(_watch(turn, qr))


def picture(text: str) -> bytes:
    """The QR as PNG, large enough for an old camera."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


@place("link-signed")
async def check(turn: Turn, what: str) -> None:
    """The person says that it is signed; `consent`: given anew after a withdrawal."""
    qr = await turn.state.get_value("qr")
    if await turn.token() is not None:
        await turn.go("menu")
        return
    if not qr:
        await turn.say(turn.words("link-qr-over"), keyboards.link(turn.words))
        return
    await turn.state.set_state(Link.qr)
    status = await turn.watcher(qr["watch"]).login_state(qr["package"], "SIGNED", 0)
    if status in _WAITING:
        await turn.say(turn.words("link-qr-wait"), keyboards.check(turn.words))
        return
    await _finish(turn, qr, status, consent=what == "consent")


async def _finish(turn: Turn, qr: dict[str, Any], status: str, *, consent: bool = False) -> None:
    if status != "SIGNED":
        await _over(turn)
        return
    try:
        proof = await turn.watcher(qr["watch"]).login_signed(qr["package"])
        session = await (await turn.open_api()).sign_in(proof, consent=consent)
    except Refused as e:
        if e.problem.code == CONSENT_WITHDRAWN:
            await turn.say(turn.words("link-consent"), keyboards.consent_signed(turn.words))
        elif e.status in (401, 404):
            await _over(turn)
        else:
            raise
        return
    await turn.forget("qr")
    await welcome(turn, session)


async def _over(turn: Turn) -> None:
    await turn.forget("qr")
    await turn.state.set_state(None)
    await turn.say(turn.words("link-qr-over"), keyboards.link(turn.words))


async def _watch(turn: Turn, qr: dict[str, Any]) -> None:
    """Go on by oneself once it is signed; who watches nobody any more lets the button do it."""
    status = "PENDING"
    try:
        async with asyncio.timeout(_LIFE_S):
            while status in _WAITING:
                try:
                    watcher = turn.watcher(qr["watch"])
                    status = await watcher.login_state(qr["package"], status, _WAIT_S)
                except (BackendDown, TooOften):
                    await asyncio.sleep(_AGAIN_S)
        key = StorageKey(turn.bot.id, turn.chat_id, turn.chat_id)
        async with turn.service.isolation.lock(key):
            if await turn.state.get_value("qr") == qr and await turn.token() is None:
                await _finish(turn, qr, status)
    except (TimeoutError, BackendDown, TooOften, Refused, NotLinked, *LATER):
        return
