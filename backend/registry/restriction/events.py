"""Facts about restrictions; the subject is the person or the organisation."""

from backend.kernel.events import Event


class AccountBlocked(Event, frozen=True):
    """The registrar blocked an account."""

    ground: str


class AccountUnblocked(Event, frozen=True):
    """The registrar unblocked an account."""


class AccountClosed(Event, frozen=True):
    """The registrar closed an account; so many live policies were cancelled with it."""

    ground: str
    policies: int
