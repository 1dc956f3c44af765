"""What happened on the cash control account; amounts in tiyn."""

from backend.kernel.events import Event


class StatementImported(Event, frozen=True):
    """A statement or notification was taken; `subject` is the statement."""

    kind: str
    number: int
    entries: int


class BookingDiffers(Event, frozen=True):
    """A booking does not agree with our books: an officer has to look; `subject` is the booking."""

    status: str
    direction: str
    amount_tiyn: int


class BookingExplained(Event, frozen=True):
    """An officer explained, signed, what did not agree; `subject` is the booking."""

    status: str
