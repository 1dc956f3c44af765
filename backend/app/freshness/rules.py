"""The sources of M §23, where each is in the house, and when one is late. Pure.

domain 7.1 gives the modes ("sync", "events", "daily", "batch"); that a daily exchange is due by the end
of the next working day and a journal within an hour is ours [ENG].
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from backend.app.freshness.model import Answer, Rhythm, Source, SourceView, Standing, State
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.config import Config
from backend.web import problems

_C, _P, _A = Standing.CONNECTED, Standing.PARTLY, Standing.ABSENT
JOURNAL_WITHIN: Final = timedelta(hours=1)

SOURCES: Final = (
    Source(
        0,
        "state_corporation",
        _C,
        Rhythm.DAILY,
        ("contribution_files", "feed.contributions"),
        places=("backend/sources/state_corporation", "backend/registry/contribution_file"),
    ),
    Source(
        1,
        "permits",
        _C,
        Rhythm.DAILY,
        ("permits.daily", "permits.applications"),
        "permits_url",
        (
            "backend/sources/permits",
            "backend/allocation/confirmation",
            "backend/payments/detection",
        ),
    ),
    Source(
        2,
        "financial_reporting",
        _P,
        Rhythm.ON_DEMAND,
        ("depository",),
        "dfo_url",
        ("backend/sources/dfo", "backend/registry/confirmation"),
        "payments made from the state budget",
    ),
    Source(3, "cadastre", _A, None, missing="objects, their purpose and encumbrances"),
    Source(
        4,
        "gbd_ul",
        _C,
        Rhythm.HOURLY,
        ("gbd_ul.journal", "gbd_ul.registration"),
        "gbd_ul_url",
        ("backend/sources/gbd_ul", "backend/registry/state_event", "backend/registry/confirmation"),
    ),
    Source(
        5,
        "tax",
        _C,
        Rhythm.DAILY,
        ("tax.daily", "tax.applications", "tax.invoices"),
        "tax_url",
        ("backend/sources/tax", "backend/payments/detection", "backend/payments/invoice"),
    ),
    Source(
        6,
        "gbd_fl",
        _C,
        Rhythm.HOURLY,
        ("gbd_fl.journal",),
        "gbd_fl_url",
        ("backend/sources/gbd_fl", "backend/registry/state_event"),
    ),
    Source(
        7,
        "mobile_citizens",
        _C,
        Rhythm.ON_DEMAND,
        (),
        "bmg_url",
        ("backend/sources/bmg", "backend/egov_adapter/citizen"),
        "the hour of an answer is not kept",
    ),
    Source(
        8,
        "certification_centre",
        _C,
        Rhythm.DAILY,
        ("revocation_lists",),
        "crl_url",
        ("backend/signing/revocation",),
    ),
    Source(
        9,
        "biometrics",
        _C,
        Rhythm.ON_DEMAND,
        (),
        "biometrics_url",
        ("backend/sources/biometrics", "backend/visits/biometrics"),
        "the hour of an answer is kept with each person alone",
    ),
    Source(
        10,
        "mis",
        _C,
        Rhythm.DAILY,
        ("feed.attachments", "feed.persons", "feed.visits-seen", "feed.staff"),
        places=("backend/registry/feed", "backend/registry/upload", "backend/registry/person"),
    ),
    Source(
        11,
        "disability_databank",
        _P,
        Rhythm.DAILY,
        ("feed.privileges",),
        places=("backend/registry/contribution",),
        missing="an adapter of its own: categories come by one feed, shared with 13",
    ),
    Source(12, "address_register", _A, None, missing="addresses"),
    Source(
        13,
        "labour_and_pension",
        _P,
        Rhythm.DAILY,
        ("feed.privileges",),
        places=("backend/registry/contribution",),
        missing="adapters of their own, data of the National Fund for children",
    ),
    Source(
        14, "contact_centre", _A, None, missing="executors, beneficiaries, representatives, calls"
    ),
    Source(
        15,
        "moh_systems",
        _P,
        Rhythm.ON_DEMAND,
        ("moh.capacities", "feed.certificates"),
        "sur_url",
        ("backend/sources/capacity", "backend/allocation/capacity", "backend/registry/specialist"),
        "clinical data, registers, statistics",
    ),
)


def due_at(
    calendar: LegalCalendar, rhythm: Rhythm | None, answered_at: datetime
) -> datetime | None:
    """By when a source that answered at `answered_at` is to answer again; None: when it is asked."""
    if rhythm is Rhythm.HOURLY:
        return answered_at + JOURNAL_WITHIN
    if rhythm is Rhythm.DAILY:
        return end_of_legal_day(calendar.next_working_day(legal_date(answered_at)))
    return None


def state_of(
    source: Source,
    config: Config,
    calendar: LegalCalendar,
    answers: Mapping[str, datetime | None],
    now: datetime,
) -> tuple[State, int | None]:
    """How a source fares, and by how many seconds it is late."""
    if source.standing is Standing.ABSENT:
        return State.ABSENT, None
    if source.setting is not None and not getattr(config, source.setting):
        return State.NOT_CONFIGURED, None
    if source.rhythm in (None, Rhythm.ON_DEMAND):
        return State.ON_DEMAND, None
    answered_at = answers.get(source.channels[0])
    if answered_at is None:
        return State.NEVER, None
    due = due_at(calendar, source.rhythm, answered_at)
    assert due is not None, "it has a rhythm"
    late = math.ceil((now - due).total_seconds())
    return (State.LATE, late) if late > 0 else (State.FRESH, None)


def show(
    source: Source,
    config: Config,
    calendar: LegalCalendar,
    answers: Mapping[str, datetime | None],
    now: datetime,
    language: str,
) -> SourceView:
    """A source in words, with the latest answer of any of its channels."""
    state, late_by_s = state_of(source, config, calendar, answers, now)
    name, gives = problems.text(f"SOURCE_{source.code.upper()}", language, {})
    channels = [Answer(channel, answers.get(channel)) for channel in source.channels]
    return SourceView(
        source.number,
        source.code,
        name,
        gives,
        source.standing,
        source.rhythm,
        state,
        max((c.answered_at for c in channels if c.answered_at), default=None),
        late_by_s,
        channels,
    )
