"""Refusals about events of the state databases."""

from backend.kernel.errors import Conflict, NotFound


class StateEventNotFound(NotFound):
    """No such event has come."""

    code = "STATE_EVENT_NOT_FOUND"


class StateEventDecided(Conflict):
    """The event does not wait for an officer: it is `outcome`."""

    code = "STATE_EVENT_DECIDED"
