"""Indicators, ratings, capacities by hand and factors over HTTP."""

from datetime import date
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.rating import computation, reading, service
from backend.allocation.rating.errors import (
    ExecutorNotFound,
    NoIndicators,
    RatingNotFound,
    RatingRowsInvalid,
    RowTwice,
    UnknownExecutor,
)
from backend.allocation.rating.examples import (
    COMPUTED,
    EXPLAINED,
    IMPORTED,
    INDICATOR,
    INDICATOR_DRAFT,
    ORIGIN,
    PROFILE,
    PUBLIC_RATING,
    RATING,
)
from backend.allocation.rating.model import (
    ComputeRatings,
    ImportCapacities,
    ImportCoefficients,
    Imported,
    ImportFactors,
    ImportRatings,
    ImportValues,
    ImportValueTable,
    RowErrorText,
    SetIndicators,
)
from backend.allocation.rating.record import (
    Computed,
    Explained,
    Indicator,
    Profile,
    PublicRating,
    RatingView,
)
from backend.kernel.actor import EXECUTOR, ISSUER, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, page
from backend.web.problems import PROBLEM_JSON, problem, text

RATERS = frozenset({Role.ISSUER_HEAD, Role.ISSUER_REVIEWER, Role.ISSUER_FINANCE})


class Set(msgspec.Struct, frozen=True):
    """How many definitions were set."""

    set: int


@put(
    "/indicators",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "SetIndicators",
        "Define indicators of the rating",
        discloses="nothing",
        errors=(RatingRowsInvalid,),
        body={"rows": [INDICATOR_DRAFT]},
        answer={"set": 1},
    ),
)
async def set_indicators(
    data: JSONBody[SetIndicators],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[Set]:
    """Add definitions with their source, formula, target, weight and days.

    A definition is never changed: a new one of the same indicator ends it the day before. Faulty rows
    are told together in `errors`; then nothing is set.
    """
    try:
        return Response(Set(await service.set_indicators(db, clock, actor, data)))
    except RatingRowsInvalid as e:
        return _rows_refused(e, language)


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


@put(
    "/indicator-values",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "ImportIndicatorValues",
        "Import values of indicators",
        discloses="nothing",
        errors=(RatingRowsInvalid,),
        body={
            **ORIGIN,
            "rows": [
                {"bin": "061211600012", "service_type": "phc", "code": "P2", "value": "63.5"},
                {"bin": "061211600012", "service_type": "phc", "code": "P3", "value": "97"},
            ],
        },
        answer={**IMPORTED, "kind": "VALUE", "rows": 2},
    ),
)
async def import_values(
    data: JSONBody[ImportValues],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[Imported]:
    """Exact decimals as text; null says that an indicator does not apply. The newest value counts.

    Faulty rows are told together in `errors`; then nothing is imported.
    """
    try:
        return Response(await service.import_values(db, clock, actor, data))
    except RatingRowsInvalid as e:
        return _rows_refused(e, language)


@put(
    "/indicator-values/csv",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "ImportIndicatorValueTable",
        "Import values of indicators from CSV",
        discloses="nothing",
        errors=(RatingRowsInvalid,),
        body={**ORIGIN, "csv": "bin,service_type,code,value\n061211600012,phc,P2,63.5\n"},
        answer={**IMPORTED, "kind": "VALUE"},
    ),
)
async def import_value_table(
    data: JSONBody[ImportValueTable],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[Imported]:
    """Take a table in UTF-8, comma or semicolon, with a header; `-` says that one does not apply.

    Faulty rows are told together in `errors`, in the caller's language; then nothing is imported.
    """
    try:
        return Response(await service.import_value_table(db, clock, actor, data))
    except RatingRowsInvalid as e:
        return _rows_refused(e, language)


def _rows_refused(refused: RatingRowsInvalid, language: str) -> Response[Any]:
    """The problem document with every faulty row as its extension `errors` (RFC 9457 §3.2)."""
    document = msgspec.to_builtins(problem(refused, language))
    document["errors"] = [
        RowErrorText(e.row, e.column, e.code, text(e.code, language, {})[0]) for e in refused.errors
    ]
    return Response(
        content=msgspec.json.encode(document),
        status_code=422,
        media_type=PROBLEM_JSON,
        headers={"content-language": language},
    )


@post(
    "/ratings/computation",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "ComputeRatings",
        "Compute the scores of all executors",
        discloses="nothing",
        errors=(NoIndicators,),
        body={"period": "2025", "on": "2026-04-06"},
        answer=COMPUTED,
    ),
)
async def compute_ratings(
    data: JSONBody[ComputeRatings],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Computed:
    """A weighted mean in exact fractions, rounded once to thousandths; newcomers are flagged (D17)."""
    return await computation.compute(db, clock, actor, data)


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
            **ORIGIN,
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
    """Scores computed elsewhere, in thousandths of a point. The newest of a pair is in force."""
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
            **ORIGIN,
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
    """`capacity` is a base and a cap, `fact` what was done this year; null is unknown, not zero.

    For what the resource and equipment systems cannot tell; the newest word is in force.
    """
    return await service.import_capacities(db, clock, actor, data)


@put(
    "/factors",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "ImportFactors",
        "Import factors of executors",
        discloses="nothing",
        errors=(UnknownExecutor, RowTwice),
        body={
            **ORIGIN,
            "rows": [{"bin": "061211600012", "kind": "ACCREDITATION", "value": 2, "note": "№ 17"}],
        },
        answer={**IMPORTED, "kind": "FACTOR"},
    ),
)
async def import_factors(
    data: JSONBody[ImportFactors],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Imported:
    """What 48 of the purchase rules wants considered; the accreditation's rank decides equal scores."""
    return await service.import_factors(db, clock, actor, data)


@put(
    "/tariff-coefficients",
    guards=[requires(RATERS)],
    tags=["allocation"],
    **operation(
        "ImportTariffCoefficients",
        "Import coefficients of providers to tariffs",
        discloses="nothing",
        errors=(UnknownExecutor, RowTwice),
        body={
            **ORIGIN,
            "rows": [
                {
                    "bin": "061211600012",
                    "service_type": "cdc",
                    "region": "75",
                    "coefficient_milli": 1100,
                }
            ],
        },
        answer={**IMPORTED, "kind": "COEFFICIENT"},
    ),
)
async def import_coefficients(
    data: JSONBody[ImportCoefficients],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Imported:
    """In thousandths: 1100 makes the tariff a tenth dearer, rounded to the tiyn once (D22)."""
    return await service.import_coefficients(db, clock, actor, data)


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


HANDLERS = [
    set_indicators,
    list_indicators,
    import_values,
    import_value_table,
    compute_ratings,
    import_ratings,
    import_capacities,
    import_factors,
    import_coefficients,
    list_ratings,
    list_public_ratings,
    explain_rating,
    get_profile,
]
