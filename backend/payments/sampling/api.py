"""Samples over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.examples import ACT_ID, EXECUTOR_ID, SHA256, SIGNED
from backend.payments.sampling import service
from backend.payments.sampling.errors import (
    SampleNotDrawn,
    SampleNotFound,
    SamplePeriod,
    SeedHeld,
)
from backend.payments.sampling.model import (
    AskSample,
    Item,
    Parameters,
    ParametersInForce,
    Part,
    Sample,
    SampledExecutor,
    SetParameters,
)
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, decode_int, decode_uuid, page

SAMPLE_ID = "01980000-0000-7000-8000-0000000001a1"
PARAMETERS: dict[str, Any] = {
    "no": 1,
    "values": {name: getattr(Parameters(), name) for name in Parameters.__struct_fields__},
    "reason": "2026 жылғы II тоқсан",
    "set_by": "issuer_head:061211600012",
    "set_at": "2026-04-06T04:00:00Z",
}
SAMPLE: dict[str, Any] = {
    "sample_id": SAMPLE_ID,
    "period_from": "2026-03-01",
    "period_to": "2026-03-31",
    "region": "75",
    "status": "DRAWN",
    "parameters_no": 1,
    "parameters": PARAMETERS["values"],
    "seed_sha256": SHA256,
    "seed": None,
    "asked_at": "2026-04-06T04:00:00Z",
    "lines": 48213,
    "risky_lines": 6120,
    "drawn_at": "2026-04-06T04:00:02Z",
    "published_at": None,
}
ITEM = {
    "no": 1,
    "part": "RISK",
    "act_id": ACT_ID,
    "act_number": "2026-03/1",
    "line_no": 17,
    "case_id": "01980000-0000-7000-8000-0000000000d2",
    "executor_id": EXECUTOR_ID,
    "executor_name": "№ 5 қалалық емхана",
    "service_code": "A02.004.000",
    "service_date": "2026-03-20",
    "amount_tiyn": 1234567,
    "score": 400,
    "reasons": [
        {
            "rule": "TWO_PLACES",
            "points": 400,
            "text": "One worker received people at 2 facilities in one minute: 20 March 2026, 10:31",
        }
    ],
}


@put(
    "/sampling-parameters",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "SetSamplingParameters",
        "Set the numbers of the risk rules",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED,
        answer=PARAMETERS,
    ),
)
async def set_parameters(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> ParametersInForce:
    """Sign `sampling.set_parameters` {values, reason}: from the next sample on. 0 points: rule off."""
    signed = await evidence.accept(resources, actor, data, SetParameters)
    return await service.set_parameters(resources, actor, signed)


@get(
    "/sampling-parameters",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetSamplingParameters",
        "The numbers of the risk rules",
        discloses="nothing",
        answer=PARAMETERS,
    ),
)
async def get_parameters(db: NamedDependency[Db]) -> ParametersInForce:
    """Who set them, when and why; before anybody did, those this version came with."""
    return await service.parameters(db)


@get(
    "/sampling-parameters/history",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListSamplingParameters",
        "Every set of numbers there was",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [PARAMETERS], "next": None},
    ),
)
async def list_parameters(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[ParametersInForce]:
    """Newest first."""
    rows = await service.parameters_before(db, decode_int(cursor), limit + 1)
    return page(rows, limit, lambda row: row.no or 0)


@post(
    "/samples",
    status_code=202,
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "AskSample",
        "Draw a sample of the lines of a period",
        discloses="nothing",
        errors=(SamplePeriod,),
        body={"period_from": "2026-03-01", "period_to": "2026-03-31", "region": "75"},
        answer={
            **SAMPLE,
            "status": "WAITING",
            "lines": None,
            "risky_lines": None,
            "drawn_at": None,
        },
    ),
)
async def ask(
    data: JSONBody[AskSample],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Sample:
    """The highest scores, and beside them lines at random by a seed whose hash is told at once.

    Drawn by the worker. It refuses nothing and changes no act: it says where to look.
    """
    return await service.ask(resources, actor, data)


@get(
    "/samples",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListSamples",
        "Samples",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [SAMPLE], "next": None},
    ),
)
async def list_samples(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Sample]:
    """Newest first."""
    rows = await service.samples(db, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda row: row.sample_id)


@get(
    "/samples/{sample_id:uuid}",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetSample", "A sample", discloses="nothing", errors=(SampleNotFound,), answer=SAMPLE
    ),
)
async def get_sample(sample_id: FromPath[UUID], db: NamedDependency[Db]) -> Sample:
    """How far it is, and by which numbers it was drawn."""
    return await service.sample(db, sample_id)


@get(
    "/samples/{sample_id:uuid}/items",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListSampleItems",
        "Lines of a sample with their reasons",
        discloses="person",
        errors=(SampleNotFound, SampleNotDrawn, BadCursor),
        answer={"items": [ITEM], "next": None},
    ),
)
async def list_items(
    sample_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    part: FromQuery[Part | None] = None,
    executor_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Item]:
    """First the risk part, highest score first, then the random one; each score in words."""
    return await service.items(
        db,
        clock,
        actor,
        sample_id,
        language,
        part=part,
        executor_id=executor_id,
        after=decode_int(cursor),
        limit=limit,
    )


@get(
    "/samples/{sample_id:uuid}/file",
    guards=[requires(ISSUER)],
    tags=["payments"],
    media_type="text/csv",
    response_headers={"cache-control": "no-store"},
    **operation(
        "FetchSample",
        "A sample as CSV",
        discloses="person",
        errors=(SampleNotFound, SampleNotDrawn),
        answer="no,part,executor,act,…",
    ),
)
async def fetch(
    sample_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[bytes]:
    """All of its lines; no cell is taken for a formula."""
    content = await service.table(db, clock, actor, sample_id, language)
    return Response(content, media_type="text/csv; charset=utf-8")


@get(
    "/samples/{sample_id:uuid}/executors",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListSampledExecutors",
        "Executors of a sample",
        discloses="nothing",
        errors=(SampleNotFound, SampleNotDrawn, BadCursor),
        answer={
            "items": [
                {
                    "executor_id": EXECUTOR_ID,
                    "name": "№ 5 қалалық емхана",
                    "lines": 4821,
                    "risky_lines": 1200,
                    "score_milli": 96500,
                    "in_risk_part": 20,
                }
            ],
            "next": None,
        },
    ),
)
async def list_executors(
    sample_id: FromPath[UUID],
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[SampledExecutor]:
    """By the mean score of a line: whom a monitoring may be drawn from."""
    rows = await service.executors(db, sample_id, _after(cursor), limit + 1)
    return page(rows, limit, lambda row: f"{row.score_milli} {row.executor_id}")


def _after(cursor: str | None) -> tuple[int, UUID] | None:
    text = decode(cursor)
    if text is None:
        return None
    score, _, executor_id = text.partition(" ")
    try:
        if not (score.isascii() and score.isdigit() and len(score) <= 18):
            raise BadCursor(path="cursor")
        return int(score), UUID(executor_id)
    except ValueError:
        raise BadCursor(path="cursor") from None


@post(
    "/samples/{sample_id:uuid}/seed-publication",
    status_code=200,
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "PublishSampleSeed",
        "Publish the seed of a sample",
        discloses="nothing",
        errors=(SampleNotFound, SeedHeld),
        answer={**SAMPLE, "seed": SHA256, "published_at": "2026-05-06T04:00:00Z"},
    ),
)
async def publish(
    sample_id: FromPath[UUID], db: NamedDependency[Db], clock: NamedDependency[Clock]
) -> Sample:
    """Once every monitoring drawn from it has begun: anybody can draw the random part again."""
    return await service.publish(db, sample_id, clock.now())


@get(
    "/public/samples/{sample_id:uuid}",
    guards=[public],
    tags=["public"],
    **operation(
        "GetPublishedSample",
        "A sample whose seed is public",
        discloses="nothing",
        guarded=False,
        errors=(SampleNotFound,),
        answer={**SAMPLE, "seed": SHA256, "published_at": "2026-05-06T04:00:00Z"},
    ),
)
async def get_published(sample_id: FromPath[UUID], db: NamedDependency[Db]) -> Sample:
    """Its seed has the hash that was told before; the lines with the smallest SHA-256 of the seed and
    the line's id are the random part.
    """
    return await service.published(db, sample_id)


HANDLERS = [
    set_parameters,
    get_parameters,
    list_parameters,
    ask,
    list_samples,
    get_sample,
    list_items,
    fetch,
    list_executors,
    publish,
    get_published,
]
