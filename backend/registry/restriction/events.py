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


class OperationReversed(Event, frozen=True):
    """The registrar reversed the operation `seq` of an account (D2)."""

    seq: int


class AccountsBlocked(Event, frozen=True):
    """A state database told what blocks so many accounts; the subject is the run that applied it."""

    source: str
    count: int


class AccountsClosed(Event, frozen=True):
    """So many accounts closed by themselves, thirty days after a death; the subject is the run."""

    count: int
