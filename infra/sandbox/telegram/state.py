"""What the stand-in knows: chats with their journals, updates on their way to the bot."""

import asyncio
import time
from typing import Any

import msgspec

BOT_ID = 7_000_000_001
BOT = {
    "id": BOT_ID,
    "is_bot": True,
    "first_name": "Saqtau",
    "username": "saqtau_bot",
    "can_join_groups": False,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
UPDATES_KEPT = 100_000
Json = dict[str, Any]


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of a chat's journal, in the order things happened; `n` counts from 1.

    `kind`: message, edit, delete, tap, notice (the small text over the chat), photo, document, location.
    `text` is what was sent, with its HTML; a deleted message of the person is no longer readable.
    """

    n: int
    who: str  # "bot" or "person"
    kind: str
    message_id: int = 0
    text: str = ""
    buttons: list[list[Json]] | None = None  # inline keyboard
    keyboard: list[list[Json]] | None = None  # reply keyboard
    file: Json | None = None
    deleted: bool = False


class Chat(msgspec.Struct):
    """A private chat with one person."""

    chat_id: int
    first_name: str
    language_code: str | None
    journal: list[Entry] = msgspec.field(default_factory=list)
    messages: dict[int, Json] = msgspec.field(default_factory=dict)
    next_message_id: int = 1

    def note(self, who: str, kind: str, **fields: Any) -> Entry:
        """Write the next line of the journal."""
        entry = Entry(n=len(self.journal) + 1, who=who, kind=kind, **fields)
        self.journal.append(entry)
        return entry

    def person(self) -> Json:
        """The person, as Telegram's User."""
        user: Json = {"id": self.chat_id, "is_bot": False, "first_name": self.first_name}
        if self.language_code:
            user["language_code"] = self.language_code
        return user

    def place(self) -> Json:
        """The chat, as Telegram's Chat."""
        return {"id": self.chat_id, "type": "private", "first_name": self.first_name}

    def new_message(self, sender: Json, **content: Any) -> Json:
        """A Message with the chat's next number, kept so that it can be edited and tapped."""
        message = {
            "message_id": self.next_message_id,
            "date": int(time.time()),
            "chat": self.place(),
            "from": sender,
            **content,
        }
        self.messages[self.next_message_id] = message
        self.next_message_id += 1
        return message


class Telegram:
    """The whole stand-in: chats, the queue of updates, who waits for what."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.updates: list[Json] = []  # not confirmed yet
        self.past: dict[int, Json] = {}  # every update, for a replay
        # As with Telegram, numbers go on rising when the stand-in is started anew: a bot that keeps
        # in mind what it has handled would take a repeated number for a repeated update.
        self.next_update_id = int(time.time() * 100) % 2**31
        self.open_taps: dict[str, int] = {}  # callback query id -> chat
        self.commands: dict[str, list[Json]] = {}  # by language
        self.webhook: Json = {"url": ""}
        self.faults: list[Json] = []
        self.files: dict[str, bytes] = {}  # what people sent, by file id
        self.sent: dict[str, bytes] = {}  # what the bot sent
        self.poll = 0  # the newest long poll; an older one is told of the conflict
        self.changed = asyncio.Condition()

    def chat(self, chat_id: int) -> Chat:
        """The chat of that number; a first message opens it."""
        if chat_id not in self.chats:
            self.chats[chat_id] = Chat(chat_id, "Person", None)
        return self.chats[chat_id]

    async def tell(self) -> None:
        """Wake everybody who waits for a change."""
        async with self.changed:
            self.changed.notify_all()

    async def add_update(self, **content: Any) -> int:
        """Put an update in the queue for the bot; its number."""
        update_id = self.next_update_id
        self.next_update_id += 1
        await self.queue({"update_id": update_id, **content})
        return update_id

    async def queue(self, update: Json) -> None:
        """Queue an update, new or once more."""
        self.past[update["update_id"]] = update
        while len(self.past) > UPDATES_KEPT:
            del self.past[next(iter(self.past))]
        self.updates.append(update)
        await self.tell()

    def confirm(self, offset: int) -> None:
        """Forget the updates below `offset`; a negative one keeps the last -offset (getUpdates)."""
        if offset < 0:
            self.updates = self.updates[offset:]
        else:
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
