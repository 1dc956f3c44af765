"""Facts about terms; the subject is what the term is about (a plan, an application, a suspension)."""

from datetime import datetime

from backend.kernel.events import Event


class TermsCountedAnew(Event, frozen=True):
    """The calendar changed and so many running terms end on another day. The subject is the change."""

    moved: int


class TermDueSoon(Event, frozen=True):
    """A term ends on this working day or the next, and what it asks is not done."""

    code: str
    owner: str
    due_at: datetime


class TermBreached(Event, frozen=True):
    """A term ended and what it asks is not done."""

    code: str
    owner: str
    due_at: datetime
