"""The legal clock over HTTP."""

from datetime import date, datetime
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.kernel.actor import EXECUTOR, ISSUER, Actor, Role
from backend.kernel.calendar import DateOutOfRange, LegalCalendar
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.terms import LEGAL_TERMS
from backend.registry.legal_term import rules, service
from backend.registry.legal_term.model import (
    LegalEvent,
    ShownStep,
    ShownTerm,
    TermRow,
    TermState,
    WhatIf,
)
from backend.web import paging, problems
from backend.web.guards import public, requires
from backend.web.openapi import operation
from backend.web.paging import Page

_PAGE = 100
TERM = {
    "code": "d4",
    "subject": "01980000-0000-7000-8000-0000000000d4",
    "owner": "issuer",
    "state": "DUE_SOON",
    "to_do": "бөлу туралы шешім қабылдау",
    "source": "M §11",
    "started_at": "2026-04-17T18:59:59.999999Z",
    "due_at": "2026-04-21T18:59:59.999999Z",
    "due_on": "2026-04-21",
    "done_at": None,
}
STEP = {
    "code": "d2",
    "since": "announced",
    "since_on": "2026-04-10",
    "on": "2026-04-17",
    "to_do": "өтінімдер қабылданады",
    "source": "M §8",
    "leads_to": "window_closed",
}
WATCHERS = (Role.REGISTRAR, Role.MOH, ISSUER)


@get(
    "/terms",
    guards=[requires(*WATCHERS, EXECUTOR)],
    tags=["registry"],
    **operation(
        "ListTerms",
        "Who owes what by when",
        discloses="nothing",
        errors=(paging.BadCursor,),
        answer={"items": [TERM], "next": None},
    ),
)
async def terms(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    language: NamedDependency[str],
    code: FromQuery[str | None] = None,
    status: FromQuery[TermState | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Page[ShownTerm]:
    """Terms of domain 3.19 in order of their end; an executor sees what it owes itself."""
    everybody = actor.roles & {*WATCHERS[:2], *ISSUER}
    rows = await service.listed(
        db,
        clock,
        calendar,
        code=code,
        state=status,
        owners=None if everybody else await service.owners_of(db, actor.bin or ""),
        after=_after(cursor),
        limit=_PAGE + 1,
    )
    shown = paging.page(rows, _PAGE, lambda r: f"{r.due_at.isoformat()} {r.code} {r.subject}")
    return Page(items=[_show(row, language) for row in shown.items], next=shown.next)


@get(
    "/public/terms/what-if",
    guards=[public],
    tags=["public"],
    **operation(
        "WhatIf",
        "What follows by law, and by when",
        discloses="nothing",
        guarded=False,
        errors=(DateOutOfRange,),
        answer={"event": "announced", "on": "2026-04-10", "steps": [STEP]},
    ),
)
async def what_if(
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    language: NamedDependency[str],
    event: FromQuery[LegalEvent],
    on: FromQuery[date | None] = None,
) -> WhatIf:
    """Every step that `event` on the day `on` (today) sets off, each on its last lawful day."""
    day = on or legal_date(clock.now())
    steps = rules.what_if(calendar, event, day)
    shown = [
        ShownStep(
            code=step.code,
            since=step.since,
            since_on=step.since_on,
            on=step.on,
            to_do=to_do(step.code, language),
            source=LEGAL_TERMS[step.code].source,
            leads_to=step.leads_to,
        )
        for step in steps
    ]
    return WhatIf(event=event, on=day, steps=shown)


def to_do(code: str, language: str) -> str:
    """What a row of domain 3.19 asks for, in words."""
    return problems.text(f"TERM_{code.upper()}", language, {})[0]


def _show(row: TermRow, language: str) -> ShownTerm:
    known = LEGAL_TERMS.get(row.code)
    return ShownTerm(
        code=row.code,
        subject=row.subject,
        owner=row.owner,
        state=row.state,
        to_do=to_do(row.code, language),
        source=known.source if known else "",
        started_at=row.started_at,
        due_at=row.due_at,
        due_on=legal_date(row.due_at),
        done_at=row.done_at,
    )


def _after(cursor: str | None) -> tuple[datetime, str, UUID] | None:
    text = paging.decode(cursor)
    if text is None:
        return None
    try:
        at, code, subject = text.split(" ")
        return datetime.fromisoformat(at), code, UUID(subject)
    except ValueError:
        raise paging.BadCursor(path="cursor") from None
