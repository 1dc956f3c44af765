"""One update of one person, and everything a handler needs to answer it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiohttp import ClientError

from bot.api_client import CitizenApi
from bot.errors import BackendDown, NotLinked, Refused
from bot.memory import Memory
from bot.model import Session
from bot.service import Service
from bot.words import Words

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
Place = Callable[["Turn", str], Awaitable[None]]
PHOTO_MAX_BYTES = 12_000_000  # what the service takes
PLACES: dict[str, Place] = {}


def place(name: str) -> Callable[[Place], Place]:
    """Register a place buttons, commands and questions may lead to."""

    def register(function: Place) -> Place:
        assert name not in PLACES, f"two places named {name}"
        PLACES[name] = function
        return function

    return register


class Turn:
    """What came, from whom, in which language, and the ways to answer."""

    def __init__(
        self,
        *,
        bot: Bot,
        event: Message | CallbackQuery,
        chat_id: int,
        words: Words,
        state: FSMContext,
        memory: Memory,
        service: Service,
        key: str,
        waiting: str | None,
    ) -> None:
        self.bot = bot
        self.event = event
        self.chat_id = chat_id
        self.words = words
        self.state = state
        self.memory = memory
        self.service = service
        # The idempotency key of what this update asks of the service, however often it comes.
        self.key = key
        self._waiting = waiting
        self._answered = False
        self.spoken = False
        # Where the person is led; a failed visit is offered again from here.
        self.at = ("menu", "")

    async def go(self, name: str, what: str = "") -> None:
        """Lead the person to a place. What was begun elsewhere is left."""
        self.at = (name, what)
        await PLACES[name](self, what)

    async def token(self) -> str | None:
        """The session of this chat, if it is linked."""
        found: str | None = await self.state.get_value("token")
        return found

    async def api(self) -> CitizenApi:
        """The service, asked as this person. Raises NotLinked."""
        token = await self.token()
        if token is None:
            raise NotLinked
        return CitizenApi(self.service.http, self.words.language, token, renew=self._renew)

    async def _renew(self) -> str | None:
        """The next token of this chat's session; None: it is over. Raises BackendDown."""
        renewal = await self.state.get_value("renewal")
        if renewal is None:
            return None
        try:
            session = await (await self.open_api()).renewed(renewal)
        except Refused:
            return None
        await self.keep(session)
        return session.token

    async def keep(self, session: Session) -> None:
        """This chat's session from now on."""
        await self.remember(token=session.token, renewal=session.renewal)

    async def open_api(self) -> CitizenApi:
        """The service, asked as nobody; the bot vouches for the chat, so that its limits are its own."""
        return await self.service.guest(self.words.language, self.chat_id)

    def watcher(self, token: str) -> CitizenApi:
        """The service, asked as the one who waits for a signature."""
        return CitizenApi(self.service.http, self.words.language, token)

    async def show(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Answer in the message whose button was pressed, or in a new one."""
        pressed = self.event.message if isinstance(self.event, CallbackQuery) else None
        await self.settle()
        if isinstance(pressed, Message):
            try:
                await pressed.edit_text(text, reply_markup=keyboard)
            except TelegramBadRequest as e:
                if "not modified" in str(e):
                    return
                # Too old to be edited, or gone: say it anew.
            else:
                self.spoken = True
                return
        await self.say(text, keyboard)

    async def say(self, text: str, keyboard: Keyboard | None = None) -> None:
        """Answer in a new message."""
        await self.settle()
        await self.bot.send_message(self.chat_id, text, reply_markup=keyboard)
        self.spoken = True

    async def picture(
        self, png: bytes, name: str, caption: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer with a picture."""
        await self.settle()
        file = BufferedInputFile(png, name)
        await self.bot.send_photo(self.chat_id, file, caption=caption, reply_markup=keyboard)
        self.spoken = True

    async def document(
        self, content: bytes, name: str, caption: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer with a file."""
        await self.settle()
        file = BufferedInputFile(content, name)
        await self.bot.send_document(self.chat_id, file, caption=caption, reply_markup=keyboard)
        self.spoken = True

    async def map(self, latitude: float, longitude: float) -> None:
        """Answer with a place on Telegram's map."""
        await self.settle()
        await self.bot.send_location(self.chat_id, latitude, longitude)
        self.spoken = True

    async def settle(self) -> None:
        """Tell Telegram that the press of the button was seen; once."""
        if isinstance(self.event, CallbackQuery) and not self._answered:
            self._answered = True
            try:
                await self.event.answer()
            except TelegramBadRequest:
                # Pressed so long ago that Telegram has stopped waiting.
                return

    async def hide(self) -> None:
        """Take the person's message out of the chat: it held a number that should not stay."""
        if isinstance(self.event, Message):
            try:
                await self.event.delete()
            except TelegramBadRequest:
                # Already deleted by the person, or older than two days.
                return

    def text(self) -> str:
        """What the person typed, also under a picture, without spaces around."""
        if not isinstance(self.event, Message):
            return ""
        return (self.event.text or self.event.caption or "").strip()

    def photo(self) -> str | None:
        """The picture the person sent: the largest that is not too large."""
        sizes = (self.event.photo or []) if isinstance(self.event, Message) else []
        fitting = [s for s in sizes if (s.file_size or 0) <= PHOTO_MAX_BYTES]
        return fitting[-1].file_id if fitting else None

    async def fetch(self, file_id: str) -> bytes:
        """A picture, from Telegram; it passes through and is kept nowhere. Raises BackendDown."""
        try:
            found = await self.bot.download(file_id)
        except (TelegramAPIError, ClientError, TimeoutError) as e:
            raise BackendDown(type(e).__name__) from None
        assert found is not None, "without a destination the bytes come back"
        return found.read()

    async def leave(self) -> None:
        """What the conversation waited for, if it did, is left."""
        if self._waiting is not None:
            self._waiting = None
            await self.state.set_state(None)

    async def remember(self, **data: Any) -> None:
        """Keep something in the conversation's data."""
        await self.state.update_data(**data)

    async def forget(self, *names: str) -> None:
        """Drop parts of the conversation's data."""
        data = await self.state.get_data()
        await self.state.set_data({k: v for k, v in data.items() if k not in names})
