"""Technical breaks over HTTP: read by everybody, made by the registrar's signature, kept by a guard."""

from collections.abc import Callable
from typing import Any, Final

from litestar import get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import DateOutOfRange
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.technical_break import service
from backend.registry.technical_break.errors import (
    BreakNotDue,
    BreakNoticeTooLate,
    BreakOverlaps,
    BreakStateWrong,
    BreakTimes,
    BreakUnknown,
)
from backend.registry.technical_break.model import (
    AnnounceBreak,
    BeginBreak,
    CancelBreak,
    EndBreak,
    PutOffEnd,
    TechnicalBreak,
)
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web import paging
from backend.web.guards import Guard, public, requires
from backend.web.openapi import operation
from backend.web.paging import Page

_PAGE: Final = 50
BREAK = {
    "break_id": "01980000-0000-7000-8000-0000000000b1",
    "kind": "PLANNED",
    "state": "ANNOUNCED",
    "starts_at": "2026-04-15T21:00:00Z",
    "ends_at": "2026-04-16T01:00:00Z",
    "until_at": "2026-04-16T01:00:00Z",
    "reason": {
        "kk": "Дерекқор серверлерін жаңарту",
        "ru": "Обновление серверов базы данных",
        "en": "Database servers are renewed",
    },
    "announced_at": "2026-04-10T05:00:00Z",
    "began_at": None,
    "ended_at": None,
    "cancelled_at": None,
}
REGISTRAR = [requires(Role.REGISTRAR)]
STEPS = (*SIGNING_ERRORS, BreakUnknown, BreakStateWrong)
# What is asked by POST and changes nothing, and what governs the break itself.
OPEN_IN_A_BREAK: Final = frozenset(
    {
        "ShowAccountStanding",
        "CheckExtract",
        "FindNearestClinics",
        "AnnounceBreak",
        "BeginBreak",
        "PutOffBreakEnd",
        "EndBreak",
        "CancelBreak",
    }
)


def rests_in_a_break(resources: Callable[[], Resources]) -> Guard:
    """A guard of the whole registry: while it is in a break, nothing in it is changed; reading goes on.

    A function, for the framework copies objects it is given as guards, and all they hold.
    """

    async def guard(_: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if isinstance(handler, HTTPRouteHandler) and changes(handler):
            opened = resources()
            await service.require_open(opened.db.registry, opened.clock)

    return guard


def changes(handler: HTTPRouteHandler) -> bool:
    """Whether this operation changes the registry."""
    reads = handler.http_methods <= {"GET", "HEAD", "OPTIONS"}
    return not reads and handler.operation_id not in OPEN_IN_A_BREAK


@get(
    "/public/technical-breaks",
    guards=[public],
    tags=["public"],
    **operation(
        "ListTechnicalBreaks",
        "When the registry rests",
        discloses="nothing",
        guarded=False,
        errors=(paging.BadCursor,),
        answer={"items": [BREAK], "next": None},
    ),
)
async def list_breaks(
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    cursor: FromQuery[str | None] = None,
) -> Page[TechnicalBreak]:
    """Breaks announced, running and past, the last announced first (M §24)."""
    rows = await service.listed(db, clock, paging.decode_uuid(cursor), _PAGE + 1)
    return paging.page(rows, _PAGE, lambda row: row.break_id)


@post(
    "/technical-breaks",
    status_code=201,
    guards=REGISTRAR,
    tags=["registry"],
    **operation(
        "AnnounceBreak",
        "Announce a technical break",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, BreakTimes, BreakNoticeTooLate, BreakOverlaps, DateOutOfRange),
        body=SIGNED,
        answer=BREAK,
    ),
)
async def announce(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TechnicalBreak:
    """Carry out a signed `technical_break.announce` {kind, starts_at, ends_at, reason {kk, ru, en}}.

    A PLANNED one is told three full working days before its day (d9); an EMERGENCY at any time, also
    when it has begun or is over.
    """
    signed = await evidence.accept(resources, actor, data, AnnounceBreak)
    return await service.announce(resources, actor, signed)


@post(
    "/technical-breaks/begin",
    status_code=200,
    guards=REGISTRAR,
    tags=["registry"],
    **operation(
        "BeginBreak",
        "Let an announced break begin",
        discloses="nothing",
        errors=(*STEPS, BreakNotDue, BreakOverlaps),
        body=SIGNED,
        answer=BREAK | {"state": "RUNNING", "began_at": "2026-04-15T21:03:00Z"},
    ),
)
async def begin(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TechnicalBreak:
    """Carry out a signed `technical_break.begin` {break_id}: commands that change the registry are
    answered 503 with `Retry-After` and the hour of the end, until the break is ended.
    """
    signed = await evidence.accept(resources, actor, data, BeginBreak)
    return await service.begin(resources, actor, signed)


@post(
    "/technical-breaks/put-off",
    status_code=200,
    guards=REGISTRAR,
    tags=["registry"],
    **operation(
        "PutOffBreakEnd",
        "Let a running break last longer",
        discloses="nothing",
        errors=(*STEPS, BreakTimes),
        body=SIGNED,
        answer=BREAK | {"state": "RUNNING", "began_at": "2026-04-15T21:03:00Z"},
    ),
)
async def put_off(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TechnicalBreak:
    """Carry out a signed `technical_break.put_off` {break_id, until_at}; what was announced stays to read."""
    signed = await evidence.accept(resources, actor, data, PutOffEnd)
    return await service.put_off(resources, actor, signed)


@post(
    "/technical-breaks/end",
    status_code=200,
    guards=REGISTRAR,
    tags=["registry"],
    **operation(
        "EndBreak",
        "End a running break",
        discloses="nothing",
        errors=STEPS,
        body=SIGNED,
        answer=BREAK
        | {
            "state": "ENDED",
            "began_at": "2026-04-15T21:03:00Z",
            "ended_at": "2026-04-16T00:40:00Z",
        },
    ),
)
async def end(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TechnicalBreak:
    """Carry out a signed `technical_break.end` {break_id}: the registry works again."""
    signed = await evidence.accept(resources, actor, data, EndBreak)
    return await service.end(resources, actor, signed)


@post(
    "/technical-breaks/cancel",
    status_code=200,
    guards=REGISTRAR,
    tags=["registry"],
    **operation(
        "CancelBreak",
        "Call an announced break off",
        discloses="nothing",
        errors=STEPS,
        body=SIGNED,
        answer=BREAK | {"state": "CANCELLED", "cancelled_at": "2026-04-14T05:00:00Z"},
    ),
)
async def cancel(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TechnicalBreak:
    """Carry out a signed `technical_break.cancel` {break_id}: it stays to read, as called off."""
    signed = await evidence.accept(resources, actor, data, CancelBreak)
    return await service.cancel(resources, actor, signed)
