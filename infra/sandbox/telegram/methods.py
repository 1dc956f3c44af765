"""The methods of the Bot API the stand-in knows, each over the state of the chats."""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

from infra.sandbox.telegram.checks import (
    CAPTION_MAX,
    NOTICE_MAX,
    BadRequest,
    check_markup,
    plain,
)
from infra.sandbox.telegram.state import BOT, Chat, Json, Telegram

TOKEN = re.compile(r"bot([0-9]+:[A-Za-z0-9_-]+)")
_POLL_MAX_S = 50
Method = Callable[[Telegram, Json, Request[Any, Any, Any]], Awaitable[Any]]


async def get_me(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Who the bot is; its number is the first part of its token."""
    number = TOKEN.fullmatch(request.path_params["bot"])
    assert number is not None, "checked before any method"
    return {**BOT, "id": int(number[1].partition(":")[0])}


async def get_updates(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Long polling: wait for updates from `offset` on; a second poller ends the first (409)."""
    if state.webhook["url"]:
        raise BadRequest("Conflict: can't use getUpdates method while webhook is active", 409)
    state.confirm(_number(call, "offset", 0))
    state.poll += 1
    mine = state.poll
    await state.tell()
    timeout_s = min(_number(call, "timeout", 0), _POLL_MAX_S)

    async def wait() -> None:
        async with state.changed:
            await state.changed.wait_for(lambda: state.updates or state.poll != mine)

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.create_task(wait()), asyncio.create_task(gone())]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    if state.poll != mine:
        raise BadRequest("Conflict: terminated by other getUpdates request", 409)
    return state.updates[: min(_number(call, "limit", 100), 100)]


async def send_message(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """A message of the bot."""
    chat = _chat(state, call)
    text = plain(str(call.get("text", "")), call.get("parse_mode"))
    return await _say(state, chat, call, "message", str(call["text"]), {"text": text})


async def edit_message_text(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """New text and keyboard for a message of the bot."""
    chat, message = _own_message(state, call)
    text = plain(str(call.get("text", "")), call.get("parse_mode"))
    markup = call.get("reply_markup")
    check_markup(markup)
    if message.get("text") == text and message.get("reply_markup") == markup:
        raise BadRequest(
            "Bad Request: message is not modified: specified new message content and reply "
            "markup are exactly the same as a current content and reply markup of the message"
        )
    message["text"] = text
    _set_markup(message, markup)
    chat.note(
        "bot",
        "edit",
        message_id=message["message_id"],
        text=str(call["text"]),
        buttons=(markup or {}).get("inline_keyboard"),
    )
    await state.tell()
    return message


async def edit_reply_markup(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Another keyboard, or none, under a message of the bot; no line in the journal."""
    _, message = _own_message(state, call)
    markup = call.get("reply_markup")
    check_markup(markup)
    if message.get("reply_markup") == markup:
        raise BadRequest("Bad Request: message is not modified")
    _set_markup(message, markup)
    return message


async def delete_message(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Take a message away, on both sides: what it said is no longer readable."""
    chat = _chat(state, call)
    message_id = _number(call, "message_id", 0)
    if chat.messages.pop(message_id, None) is None:
        raise BadRequest("Bad Request: message to delete not found")
    for entry in chat.journal:
        if entry.message_id == message_id and entry.kind != "tap":
            entry.deleted = True
            entry.text = ""
    for update in (*state.past.values(), *state.updates):
        message = update.get("message", {})
        if message.get("message_id") == message_id and message["chat"]["id"] == chat.chat_id:
            message.pop("contact", None)
            message["text"] = "deleted"
    chat.note("bot", "delete", message_id=message_id)
    await state.tell()
    return True


async def answer_callback(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """The bot has seen the tap; with a text it is shown over the chat."""
    chat_id = state.open_taps.pop(str(call.get("callback_query_id")), None)
    if chat_id is None:
        raise BadRequest(
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )
    text = str(call.get("text") or "")
    if len(text) > NOTICE_MAX:
        raise BadRequest("Bad Request: MESSAGE_TOO_LONG")
    if text:
        state.chat(chat_id).note("bot", "notice", text=text)
        await state.tell()
    return True


async def send_photo(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """A picture, with a caption."""
    return await _send_file(state, call, "photo")


async def send_document(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """A file, with a caption."""
    return await _send_file(state, call, "document")


async def send_location(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """A place on the map."""
    chat = _chat(state, call)
    try:
        place = {"latitude": float(call["latitude"]), "longitude": float(call["longitude"])}
    except (KeyError, TypeError, ValueError):
        raise BadRequest("Bad Request: latitude and longitude must be given") from None
    shown = f"{place['latitude']}, {place['longitude']}"
    return await _say(state, chat, call, "location", shown, {"location": place})


async def get_file(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Where a file the person sent is fetched."""
    file_id = str(call.get("file_id") or "")
    if file_id not in state.files:
        raise BadRequest("Bad Request: wrong file_id or the file is temporarily unavailable")
    return {
        "file_id": file_id,
        "file_unique_id": file_id[:16],
        "file_size": len(state.files[file_id]),
        "file_path": f"photos/{file_id}.jpg",
    }


async def set_commands(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """The bot's menu of commands in one language ("" for all others)."""
    state.commands[str(call.get("language_code") or "")] = call.get("commands") or []
    return True


async def get_commands(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """The menu of commands in one language."""
    return state.commands.get(str(call.get("language_code") or ""), [])


async def set_webhook(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """From now on updates are posted to `url`."""
    state.webhook = {"url": call.get("url") or "", "secret_token": call.get("secret_token")}
    await state.tell()
    return True


async def delete_webhook(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Back to long polling."""
    state.webhook = {"url": ""}
    if call.get("drop_pending_updates") in ("true", True):
        state.updates.clear()
    return True


async def get_webhook(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Where updates are posted."""
    return {
        "url": state.webhook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(state.updates),
    }


async def agree(state: Telegram, call: Json, request: Request[Any, Any, Any]) -> Any:
    """Methods without a visible effect here."""
    return True


def _number(call: Json, key: str, default: int) -> int:
    try:
        return int(call.get(key, default))
    except (TypeError, ValueError):
        raise BadRequest(f"Bad Request: {key} is not a number") from None


def _chat(state: Telegram, call: Json) -> Chat:
    chat = state.chats.get(_number(call, "chat_id", 0))
    if chat is None:  # a bot cannot begin a conversation
        raise BadRequest("Bad Request: chat not found")
    return chat


def _own_message(state: Telegram, call: Json) -> tuple[Chat, Json]:
    chat = _chat(state, call)
    message = chat.messages.get(_number(call, "message_id", 0))
    if message is None or not message["from"]["is_bot"]:
        raise BadRequest("Bad Request: message to edit not found")
    return chat, message


def _set_markup(message: Json, markup: Json | None) -> None:
    if markup and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    else:
        message.pop("reply_markup", None)


async def _say(
    state: Telegram, chat: Chat, call: Json, kind: str, text: str, content: Json, **more: Any
) -> Json:
    markup = call.get("reply_markup")
    check_markup(markup)
    message = chat.new_message(BOT, **content)
    _set_markup(message, markup)
    chat.note(
        "bot",
        kind,
        message_id=message["message_id"],
        text=text,
        buttons=(markup or {}).get("inline_keyboard"),
        keyboard=(markup or {}).get("keyboard"),
        **more,
    )
    await state.tell()
    return message


async def _send_file(state: Telegram, call: Json, kind: str) -> Json:
    chat = _chat(state, call)
    caption = str(call.get("caption") or "")
    content: Json = {}
    if caption:
        content["caption"] = plain(caption, call.get("parse_mode"), CAPTION_MAX)
    sent = call.get(kind)
    if isinstance(sent, str) and sent.startswith("attach://"):
        sent = call.get(sent.removeprefix("attach://"))
    if not isinstance(sent, UploadFile):
        raise BadRequest(f"Bad Request: there is no {kind} in the request")
    raw = await sent.read()
    file: Json = {
        "name": sent.filename,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    kept = {"file_id": file["sha256"][:32], "file_unique_id": file["sha256"][:16]}
    state.sent[kept["file_id"]] = raw
    if kind == "photo":
        content["photo"] = [{**kept, "width": 1, "height": 1, "file_size": len(raw)}]
    else:
        content["document"] = {**kept, "file_name": sent.filename, "file_size": len(raw)}
    return await _say(state, chat, call, kind, caption, content, file=file)


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getupdates": get_updates,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendlocation": send_location,
    "getfile": get_file,
    "setmycommands": set_commands,
    "getmycommands": get_commands,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook,
    "sendchataction": agree,
    "setmydescription": agree,
    "setmyshortdescription": agree,
    "setchatmenubutton": agree,
    "logout": agree,
    "close": agree,
}
