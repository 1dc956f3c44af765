"""Ratings and capacities over HTTP."""

from uuid import UUID

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.allocation.plan.examples import Limit
from backend.allocation.rating import service
from backend.allocation.rating.errors import RowTwice, UnknownExecutor
from backend.allocation.rating.model import (
    ImportCapacities,
    Imported,
    ImportRatings,
    RatingView,
)
from backend.kernel.actor import EXECUTOR, ISSUER, Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.web.guards import requires
from backend.web.openapi import operation
from backend.web.paging import BadCursor, Page, decode, page

IMPORTED = {
    "import_id": "01980000-0000-7000-8000-0000000000a6",
    "kind": "RATING",
    "rows": 1,
    "rows_sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "imported_at": "2026-04-06T05:00:00Z",
}


@put(
    "/ratings",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ImportRatings",
        "Import scores of executors",
        discloses="nothing",
        errors=(UnknownExecutor, RowTwice),
        body={
            "source_system": "Рейтинг ИЖ",
            "period": "2025",
            "reference": "Бұйрық №170, хаттама 12",
            "rows": [
                {
                    "bin": "061211600012",
                    "service_type": "cdc",
                    "score_milli": 4700,
                    "accreditation_rank": 1,
                }
            ],
        },
        answer=IMPORTED,
    ),
)
async def import_ratings(
    data: JSONBody[ImportRatings],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Imported:
    """Thousandths of a point by kind of service. The newest import of a pair is in force."""
    return await service.import_ratings(db, clock, actor, data)


@put(
    "/capacities",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ImportCapacities",
        "Import capacities and facts of executors",
        discloses="nothing",
        errors=(UnknownExecutor, RowTwice),
        body={
            "source_system": "Ресурстарды басқару жүйесі",
            "period": "2026",
            "reference": "Хат 17-2",
            "rows": [
                {
                    "bin": "061211600012",
                    "service_type": "cdc",
                    "region": "75",
                    "unit": "service",
                    "capacity": 1000,
                    "fact": 900,
                }
            ],
        },
        answer={**IMPORTED, "kind": "CAPACITY"},
    ),
)
async def import_capacities(
    data: JSONBody[ImportCapacities],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Imported:
    """`capacity` is a base and a cap, `fact` what was done this year; null is unknown, not zero."""
    return await service.import_capacities(db, clock, actor, data)


@get(
    "/ratings",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListRatings",
        "Ratings in force",
        discloses="nothing",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "rating": {
                        "executor_id": "01980000-0000-7000-8000-0000000000a5",
                        "executor_name": "«Жетісу» клиникасы",
                        "service_type": "cdc",
                        "score_milli": 4700,
                        "accreditation_rank": 1,
                        "no_history": False,
                        "import_id": IMPORTED["import_id"],
                        "imported_at": IMPORTED["imported_at"],
                    },
                    "group": "I",
                }
            ],
            "next": None,
        },
    ),
)
async def list_ratings(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: FromQuery[Limit] = 50
) -> Page[RatingView]:
    """Visible to all authorised users (A)."""
    rows = await service.in_force(db, _after(cursor), limit)
    return page(rows, limit, lambda v: f"{v.rating.executor_id} {v.rating.service_type}")


def _after(cursor: str | None) -> tuple[UUID, str] | None:
    key = decode(cursor)
    if key is None:
        return None
    executor_id, _, service_type = key.partition(" ")
    try:
        return UUID(executor_id), service_type
    except ValueError:
        raise BadCursor(path="cursor") from None


HANDLERS = [import_ratings, import_capacities, list_ratings]
