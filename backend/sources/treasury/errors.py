"""What can go wrong between us and the Treasury."""

from backend.kernel.errors import Invalid
from backend.sources.exchange import SourceUnavailable


class TreasurySilent(SourceUnavailable):
    """No answer that can be read: whether the order arrived is not known. Ask before all else."""


class OrderUnreadable(Invalid):
    """The order cannot be written as a pain.001 message; `path` names the field."""

    code = "PAYMENT_ORDER_UNREADABLE"


class AnswerUnreadable(ValueError):
    """What the Treasury sent is not a report or a statement we can believe; the text says why."""
