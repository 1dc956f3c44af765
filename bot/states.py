"""Where a person is in a conversation; without a state, in the menu."""

from aiogram.fsm.state import State, StatesGroup


class Link(StatesGroup):
    """Linking the chat with the person."""

    iin = State()
    phone = State()
    code = State()
    qr = State()


class Write(StatesGroup):
    """Writing to the Fund."""

    dispute = State()
    complaint = State()
    photo = State()
    sending = State()  # written, not yet accepted by the service


class Track(StatesGroup):
    """Asking after a complaint."""

    number = State()
