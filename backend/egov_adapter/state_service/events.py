"""What happened to requests of the state service; never what they say, nor of whom."""

from backend.kernel.events import Event


class ServiceRequested(Event, frozen=True):
    """A request (`subject`) arrived."""

    certified_by: str
    queued: bool


class ServiceGiven(Event, frozen=True):
    """The result of a request (`subject`) lies in the cabinet; `ground` where it was refused."""

    ground: str | None
    in_time: bool
