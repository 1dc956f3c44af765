"""The person's side: say something, press a button, read the chat, wait for the bot.

POST /telegram/control/messages              {chat_id, text | callback_data | button | contact |
                                                      location | photo}
GET  /telegram/control/chats/{chat_id}       the journal, with keyboards
GET  /telegram/control/chats/{chat_id}/wait  ?after=N&contains=…&timeout_s=10
POST /telegram/control/replays               {update_id}: deliver an update once more
POST /telegram/control/faults                {method, code, times}: fail the next calls of a method
"""

import asyncio
import base64
import hashlib
from typing import Annotated, Any

import httpx
import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from infra.sandbox.telegram.state import Chat, Entry, Json, Telegram

_WAIT_MAX_S = 60
_PUSH_TIMEOUT_S = 60
_DELIVERIES = 3
_SPOKEN = frozenset({"message", "edit", "photo", "document", "location"})


class Contact(msgspec.Struct, frozen=True):
    """A shared telephone number; the person's own unless `user_id` says otherwise."""

    phone_number: str
    first_name: str = "Person"
    user_id: int | None = None


class Location(msgspec.Struct, frozen=True):
    """A shared place."""

    latitude: float
    longitude: float


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person does. A button is pressed by its data or by its words, if it is shown."""

    chat_id: int
    text: str | None = None
    callback_data: str | None = None
    button: str | None = None
    message_id: int | None = None
    contact: Contact | None = None
    location: Location | None = None
    photo: str | None = None  # base64 of a JPEG; `text` is then its caption
    first_name: str | None = None
    language_code: str | None = None
    group: bool = False


class Acted(msgspec.Struct, frozen=True):
    """The update's number, and the journal's length so far: wait for what comes after it."""

    update_id: int
    after: int


class Journal(msgspec.Struct, frozen=True):
    """A chat, as far as it was asked for."""

    chat_id: int
    length: int
    entries: list[Entry]


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which update to deliver once more."""

    update_id: int


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next `times` calls of `method` fail with `code`."""

    method: str
    code: Annotated[int, msgspec.Meta(ge=400, le=599)]
    times: int = 1


class Refused(Exception):
    """A person could not do that."""


def handlers(state: Telegram) -> list[HTTPRouteHandler]:
    """The routes of the person's side."""
    return [*_acting(state), *_watching(state)]


def _acting(state: Telegram) -> list[HTTPRouteHandler]:
    """What a person does, and Telegram once more."""
    pushes: set[asyncio.Task[None]] = set()

    def deliver() -> None:
        """With a webhook set, post what is queued."""
        if state.webhook["url"]:
            task = asyncio.create_task(_push(state))
            pushes.add(task)
            task.add_done_callback(pushes.discard)

    @post("/control/messages", status_code=201)
    async def act(data: JSONBody[Act]) -> Response[Any]:
        """Do what a person does, if a person could."""
        chat = state.chat(data.chat_id)
        chat.first_name = data.first_name or chat.first_name
        chat.language_code = data.language_code or chat.language_code
        try:
            content, after = _content(state, chat, data)
        except Refused as e:
            return Response({"detail": str(e)}, status_code=404)
        update_id = await state.add_update(**content)
        deliver()
        return Response(msgspec.to_builtins(Acted(update_id, after)), status_code=201)

    @post("/control/replays", status_code=202)
    async def replay(data: JSONBody[Replay]) -> Response[Any]:
        """Deliver an update a second time, as Telegram may."""
        update = state.past.get(data.update_id)
        if update is None:
            return Response({"detail": "no such update"}, status_code=404)
        await state.queue(update)
        deliver()
        return Response({"update_id": data.update_id}, status_code=202)

    return [act, replay]


def _watching(state: Telegram) -> list[HTTPRouteHandler]:
    """What was said, and how the stand-in behaves."""

    @get("/control/chats/{chat_id:int}")
    async def read(chat_id: FromPath[int], after: FromQuery[int] = 0) -> Journal:
        """Everything that happened in the chat after line `after`."""
        return _journal(state.chat(chat_id), after)

    @get("/control/chats/{chat_id:int}/wait")
    async def wait(
        chat_id: FromPath[int],
        after: FromQuery[int] = 0,
        contains: FromQuery[str] = "",
        timeout_s: FromQuery[float] = 10.0,
    ) -> Response[Any]:
        """Wait until the bot has said something (that contains `contains`) after line `after`."""
        chat = state.chat(chat_id)

        def said() -> bool:
            return any(
                e.who == "bot" and e.kind in _SPOKEN and contains in e.text
                for e in chat.journal[after:]
            )

        found = True
        try:
            async with asyncio.timeout(min(timeout_s, _WAIT_MAX_S)), state.changed:
                await state.changed.wait_for(said)
        except TimeoutError:
            found = False
        body = msgspec.to_builtins(_journal(chat, after))
        return Response(body, status_code=200 if found else 408)

    @post("/control/faults", status_code=202)
    async def fault(data: JSONBody[Fault]) -> Fault:
        """Let the next calls of a method fail."""
        state.faults.append(msgspec.to_builtins(data))
        return data

    @get("/control/commands")
    async def commands() -> dict[str, Any]:
        """The bot's menu of commands by language."""
        return state.commands

    return [read, wait, fault, commands]


def _journal(chat: Chat, after: int) -> Journal:
    return Journal(chat.chat_id, len(chat.journal), chat.journal[after:])


def _content(state: Telegram, chat: Chat, data: Act) -> tuple[Json, int]:
    """The update's content and the journal's length once the person's own line is in it."""
    if data.callback_data is not None or data.button is not None:
        return _tap(state, chat, data)
    said: Json = {}
    if data.photo is not None:
        shown = _photograph(state, said, data)
    elif data.text is not None:
        said["text"] = shown = data.text
        command = data.text.split()[0] if data.text.startswith("/") else ""
        if command:
            said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
    elif data.contact is not None:
        contact = data.contact
        said["contact"] = {
            "phone_number": contact.phone_number,
            "first_name": contact.first_name,
            "user_id": contact.user_id or chat.chat_id,
        }
        shown = contact.phone_number
    elif data.location is not None:
        said["location"] = msgspec.to_builtins(data.location)
        shown = f"{data.location.latitude}, {data.location.longitude}"
    else:
        raise Refused("nothing was said")
    message = chat.new_message(chat.person(), **said)
    if data.group:
        message = {**message, "chat": {"id": chat.chat_id, "type": "group", "title": "Group"}}
    entry = chat.note("person", "message", message_id=message["message_id"], text=shown)
    return {"message": message}, entry.n


def _photograph(state: Telegram, said: Json, data: Act) -> str:
    raw = base64.b64decode(data.photo or "")
    file_id = hashlib.sha256(raw).hexdigest()[:32]
    state.files[file_id] = raw
    size = {"file_id": file_id, "file_unique_id": file_id[:16], "file_size": len(raw)}
    said["photo"] = [{**size, "width": 90, "height": 90}, {**size, "width": 1280, "height": 960}]
    if data.text:
        said["caption"] = data.text
    return f"🖼 {data.text or ''}".strip()


def _tap(state: Telegram, chat: Chat, data: Act) -> tuple[Json, int]:
    for message in reversed(list(chat.messages.values())):
        if data.message_id not in (None, message["message_id"]):
            continue
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        for button in (b for row in rows for b in row):
            if "callback_data" in button and (
                button["callback_data"] == data.callback_data or button["text"] == data.button
            ):
                entry = chat.note(
                    "person", "tap", message_id=message["message_id"], text=button["text"]
                )
                query_id = f"{chat.chat_id}-{state.next_update_id}"
                state.open_taps[query_id] = chat.chat_id
                query = {
                    "id": query_id,
                    "from": chat.person(),
                    "message": dict(message),
                    "chat_instance": str(chat.chat_id),
                    "data": button["callback_data"],
                }
                return {"callback_query": query}, entry.n
    raise Refused("no such button is shown in this chat")


async def _push(state: Telegram) -> None:
    """Post the queued updates to the webhook in order; each is tried a few times."""
    headers = {}
    if state.webhook.get("secret_token"):
        headers["X-Telegram-Bot-Api-Secret-Token"] = state.webhook["secret_token"]
    async with httpx.AsyncClient(timeout=_PUSH_TIMEOUT_S, trust_env=False) as http:
        while state.updates and state.webhook["url"]:
            update = state.updates.pop(0)
            for _ in range(_DELIVERIES):
                answer = await http.post(state.webhook["url"], json=update, headers=headers)
                if answer.status_code == 200:
                    break
