"""Facts about people who have to be attached anew."""

from backend.kernel.events import Event


class ReattachmentNeeded(Event, frozen=True):
    """People of an executor cannot be served there any more; the subject is the executor."""

    reason: str
    persons: int
