"""Facts about events of the state databases."""

from backend.kernel.events import Event


class StateEventResolved(Event, frozen=True):
    """The registrar decided about an event of the repair queue; the subject is that event."""

    source: str
    verdict: str
    reason: str
