"""Facts about looking."""

from datetime import datetime

from backend.kernel.events import Event


class LookLimitExceeded(Event, frozen=True):
    """Somebody looks more people up than a day's work needs. `subject` is the opaque staff member."""

    looks: int
    limit: int


class AccessRecordsForgotten(Event, frozen=True):
    """The horizon moved: records of before `before` are being forgotten."""

    before: datetime
