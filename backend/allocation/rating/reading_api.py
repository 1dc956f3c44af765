"""Ratings and profiles read over HTTP: by everybody, by the issuer, by executors."""

from datetime import date
from typing import cast
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.allocation.rating import reading
from backend.allocation.rating.errors import (
    ExecutorNotFound,
    RatingNotFound,
)
from backend.allocation.rating.examples import (
    EXPLAINED,
    INDICATOR,
    PROFILE,
    PUBLIC_RATING,
    RATING,
)
from backend.allocation.rating.record import (
    Explained,
    Indicator,
    Profile,
    PublicRating,
    RatingView,
)
from backend.kernel.actor import EXECUTOR, ISSUER, Actor
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, page


@get(
    "/public/indicators",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListIndicators",
        "Indicators of the rating, past and present",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [INDICATOR], "next": None},
    ),
)
async def list_indicators(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Indicator]:
    """How executors are rated, for everybody."""
    rows = await reading.indicators(db, _after_indicator(cursor), limit)
    return page(rows, limit, lambda i: f"{i.service_type} {i.code} {i.valid_from}")


@get(
    "/ratings",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListRatings",
        "Ratings in force",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [{"rating": RATING, "group": "I"}], "next": None},
    ),
)
async def list_ratings(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[RatingView]:
    """Visible to all authorised users (A)."""
    rows = await reading.in_force(db, _after(cursor), limit)
    return page(rows, limit, lambda v: f"{v.rating.executor_id} {v.rating.service_type}")


@get(
    "/public/ratings",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListPublicRatings",
        "The public table of ratings",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [PUBLIC_RATING], "next": None},
    ),
)
async def list_public_ratings(
    db: NamedDependency[Db],
    service_type: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[PublicRating]:
    """Score and group of every executor, the best first; a sole proprietor goes without a name."""
    rows = await reading.public_table(db, service_type, _after_public(cursor), limit)
    return page(rows, limit, _public_place)


@get(
    "/executors/{executor_id:uuid}/ratings/{service_type:str}",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ExplainRating",
        "One score with everything it is made of",
        discloses="nothing",
        errors=(ExecutorNotFound, RatingNotFound),
        answer=EXPLAINED,
    ),
)
async def explain_rating(
    executor_id: FromPath[UUID],
    service_type: FromPath[str],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Explained:
    """Every indicator with its value, its part and where it came from; an executor sees his own."""
    return await reading.explained(db, actor, executor_id, service_type, cast(Language, language))


@get(
    "/executors/{executor_id:uuid}/profile",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetProviderProfile",
        "All factors considered about an executor",
        discloses="nothing",
        errors=(ExecutorNotFound,),
        answer=PROFILE,
    ),
)
async def get_profile(
    executor_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Profile:
    """Ratings, capacities with their age, experience, monitoring, complaints, accreditation (A)."""
    return await reading.profile(db, actor, executor_id)


def _after(cursor: str | None) -> tuple[UUID, str] | None:
    key = decode(cursor)
    if key is None:
        return None
    executor_id, _, service_type = key.partition(" ")
    try:
        return UUID(executor_id), service_type
    except ValueError:
        raise BadCursor(path="cursor") from None


def _public_place(view: PublicRating) -> str:
    row = view.rating
    return f"{row.service_type} {row.score_milli} {row.accreditation_rank} {row.executor_id}"


def _after_public(cursor: str | None) -> reading.PublicPlace | None:
    key = decode(cursor)
    if key is None:
        return None
    try:
        service_type, score, rank, executor_id = key.split(" ")
        place = service_type, int(score), int(rank), UUID(executor_id)
    except ValueError:
        raise BadCursor(path="cursor") from None
    if not (0 <= place[1] < 2**31 and 0 <= place[2] < 2**31):
        raise BadCursor(path="cursor")
    return place


def _after_indicator(cursor: str | None) -> tuple[str, str, date] | None:
    key = decode(cursor)
    if key is None:
        return None
    try:
        service_type, code, valid_from = key.split(" ")
        return service_type, code, date.fromisoformat(valid_from)
    except ValueError:
        raise BadCursor(path="cursor") from None


HANDLERS = [list_indicators, list_ratings, list_public_ratings, explain_rating, get_profile]
