"""What follows from an event by law, and when a term counts as due soon. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.terms import LEGAL_TERMS, deadline, last_day
from backend.registry.legal_term.model import LegalEvent, Running, Step

_E = LegalEvent
# Which rows of domain 3.19 an event sets off, and what has happened when they are done.
SETS_OFF: Final[Mapping[LegalEvent, tuple[str, ...]]] = MappingProxyType(
    {
        _E.PLAN_APPROVED: ("d1",),
        _E.ANNOUNCED: ("d2",),
        _E.APPLICATION_SUBMITTED: ("d3",),
        _E.WINDOW_CLOSED: ("d3", "d4"),  # who applied on the last day is reviewed after it
        _E.DECISION_SIGNED: ("d5",),
        _E.MONEY_RECEIVED: ("d6",),
        _E.CAUSE_DETECTED: ("d7",),
        _E.MONITORING_PLANNED: ("d8",),
        _E.BREAK_PLANNED: ("d9",),
        _E.DATA_CHANGED: ("d10",),
        _E.COMPLAINT_REGISTERED: ("d14", "d12", "d13"),
        _E.DRAFT_SENT_TO_MOH: ("d16",),
        _E.LIMITS_DELIVERED: ("d17",),
    }
)
LEADS_TO: Final[Mapping[str, LegalEvent]] = MappingProxyType(
    {
        "d1": _E.ANNOUNCED,
        "d2": _E.WINDOW_CLOSED,
        "d4": _E.DECISION_SIGNED,
        "d5": _E.CONTRACTS_SIGNED,
    }
)


# Whose silence the law takes for consent breaches nothing by being silent (P ¶20).
SILENCE_CONSENTS: Final = frozenset({"d16"})


def what_if(calendar: LegalCalendar, event: LegalEvent, on: date) -> list[Step]:
    """Every step that `event` on `on` sets off, each on its last lawful day, in order of time.

    Raises DateOutOfRange when the calendar does not reach that far.
    """
    steps: list[Step] = []
    waiting = [(event, on)]
    while waiting:
        since, day = waiting.pop()
        for code in SETS_OFF.get(since, ()):
            step = Step(code, since, day, last_day(calendar, code, day), LEADS_TO.get(code))
            steps.append(step)
            if step.leads_to is not None:
                waiting.append((step.leads_to, step.on))
    return sorted(steps, key=lambda step: (step.on, int(step.code[1:])))


def due_soon_until(calendar: LegalCalendar, now: datetime) -> datetime:
    """A running term that ends by then is on its last day or on the working day before it."""
    return end_of_legal_day(calendar.next_working_day(legal_date(now)))


def counted_anew(calendar: LegalCalendar, group: Running, now: datetime) -> datetime | None:
    """When terms of `group` end by this calendar, but not before today's midnight; None: not in days.

    Nobody is made late by a day that is decreed afterwards.
    """
    row = LEGAL_TERMS.get(group.code)
    if row is None or row.term is None or row.before:
        return None
    return max(deadline(calendar, group.code, group.started_on), end_of_legal_day(legal_date(now)))
