"""Statuses of many over HTTP: recomputations, and who is about to lose the status."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.standing import service
from backend.registry.standing.errors import RecomputationNotFound
from backend.registry.standing.model import Lapsing, Recomputation, Recompute
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

RUN = {
    "run_id": "01980000-0000-7000-8000-000000000040",
    "region": "Астана",
    "on_day": "2026-04-06",
    "done": 0,
    "turned": 0,
    "started_at": "2026-04-06T04:00:00Z",
    "finished_at": None,
}
Days = Annotated[int, QueryParameter(ge=0, le=366)]


@post(
    "/entitlement/recomputations",
    status_code=202,
    guards=[requires(Role.REGISTRAR, Role.ISSUER_FINANCE)],
    tags=["registry"],
    **operation(
        "RecomputeEntitlement",
        "Judge everybody anew from the receipts",
        discloses="nothing",
        body={"region": "Астана"},
        answer=RUN,
    ),
)
async def recompute(
    data: JSONBody[Recompute],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Recomputation:
    """Judge everybody (of a region) anew; the worker does it in slices, changes are judged anyway."""
    return await service.ask(resources, actor, data)


@get(
    "/entitlement/recomputations/{run_id:uuid}",
    guards=[requires(Role.REGISTRAR, Role.ISSUER_FINANCE)],
    tags=["registry"],
    **operation(
        "GetRecomputation",
        "How far a recomputation has come",
        discloses="nothing",
        errors=(RecomputationNotFound,),
        answer=RUN,
    ),
)
async def get_recomputation(run_id: FromPath[UUID], db: NamedDependency[Db]) -> Recomputation:
    """Tell how many were judged and whose status turned."""
    return await service.find(db, run_id)


@get(
    "/entitlement/lapsing",
    guards=[requires(*ISSUER, Role.BOT)],
    tags=["registry"],
    **operation(
        "ListLapsingStatuses",
        "Whose status is about to lapse",
        discloses="person",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "person_id": "01980000-0000-7000-8000-000000000041",
                    "basis": "CONTINUATION_3M",
                    "until": "2026-04-30",
                }
            ],
            "next": None,
        },
    ),
)
async def list_lapsing(
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    days: Days = 30,
    limit: PageLimit = 50,
    cursor: FromQuery[str | None] = None,
) -> Page[Lapsing]:
    """List, by opaque ids, whose status ends within so many days unless something is paid."""
    today = legal_date(clock.now())
    async with db.transaction() as tx:
        found = await service.lapsing(
            tx, today, today + timedelta(days=days), after=_after(cursor), limit=limit
        )
        access = Access(actor, "ListLapsingStatuses", Basis.DUTY, (Field.ENTITLEMENT,))
        await access_records.record(tx, access, [one.person_id for one in found], at=clock.now())
    last = found[-1] if found else None
    return Page(found, paging.encode(f"{last.until} {last.person_id}") if last else None)


def _after(cursor: str | None) -> tuple[date, UUID] | None:
    text = paging.decode(cursor)
    if text is None:
        return None
    until, _, person = text.partition(" ")
    try:
        return date.fromisoformat(until), UUID(person)
    except ValueError:
        raise BadCursor(path="cursor") from None
