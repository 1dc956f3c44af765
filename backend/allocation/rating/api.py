"""Imports and computations of ratings over HTTP; what is read stands in `reading_api`."""

import msgspec
from litestar import post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.allocation.rating import computation, reading_api, service
from backend.allocation.rating.errors import (
    NoIndicators,
    RatingRowsInvalid,
    RowTwice,
    UnknownExecutor,
)
from backend.allocation.rating.examples import (
    COMPUTED,
    IMPORTED,
    INDICATOR_DRAFT,
    ORIGIN,
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
    SetIndicators,
)
from backend.allocation.rating.record import (
    Computed,
)
from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.web.guards import requires
from backend.web.openapi import operation

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
) -> Set:
    """Add definitions with their source, formula, target, weight and days.

    A definition is never changed: a new one of the same indicator ends it the day before. Faulty rows
    are told together in `errors`; then nothing is set.
    """
    return Set(await service.set_indicators(db, clock, actor, data))


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
) -> Imported:
    """Exact decimals as text; null says that an indicator does not apply. The newest value counts.

    Faulty rows are told together in `errors`; then nothing is imported.
    """
    return await service.import_values(db, clock, actor, data)


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
) -> Imported:
    """Take a table in UTF-8, comma or semicolon, with a header; `-` says that one does not apply.

    Faulty rows are told together in `errors`, in the caller's language; then nothing is imported.
    """
    return await service.import_value_table(db, clock, actor, data)


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


HANDLERS = [
    set_indicators,
    import_values,
    import_value_table,
    compute_ratings,
    import_ratings,
    import_capacities,
    import_factors,
    import_coefficients,
    *reading_api.HANDLERS,
]
