"""Facts about the calendar."""

from datetime import date

from backend.kernel.events import Event


class CalendarChanged(Event, frozen=True):
    """A day became a working day or a day off: running terms were counted anew. The subject is the change."""

    day: date
