"""Rounds over HTTP: what was found, the second approval, the brake and the sources."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.detection import licences, service
from backend.payments.detection.errors import RoundDiffers, RoundNotFound, RoundNotHeld
from backend.payments.detection.model import (
    DecideRound,
    LicenceEvent,
    Limit,
    Round,
    RoundStatus,
    RoundWithFindings,
    SetLimit,
    Source,
)
from backend.payments.examples import EXECUTOR_ID, SHA256, SIGNED
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

ROUND: dict[str, Any] = {
    "round_id": "01980000-0000-7000-8000-0000000000e5",
    "ground": "S2",
    "day": "2026-06-10",
    "status": "HELD",
    "started_at": "2026-06-09T19:00:01Z",
    "asked": 65,
    "answered": 65,
    "concluded_at": "2026-06-09T19:00:04Z",
    "unknown": 0,
    "found": 9,
    "contracts": 14,
    "passed": 0,
    "total_contracts": 120,
    "share_milli": 50,
    "minimum": 5,
    "sha256": SHA256,
    "decided_at": None,
    "reason": None,
}
FINDING = {
    "executor_id": EXECUTOR_ID,
    "contracts": 2,
    "facts": {
        "basis": "debts: 1, 1234.50 KZT; late: 0",
        "as_of": "2026-06-09T18:00:00+00:00",
        "debts": [{"kind": "TAX", "amount_tiyn": 123450, "since": "2026-05-26"}],
        "late": [],
    },
}
LIMIT = {"share_milli": 50, "minimum": 5}


@get(
    "/suspension-rounds",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListSuspensionRounds",
        "Rounds of questions about executors",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [ROUND], "next": None},
    ),
)
async def list_rounds(
    db: NamedDependency[Db],
    status: FromQuery[RoundStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Round]:
    """The newest first; those that are HELD wait for a second approval (FAULTS 22)."""
    rows = await service.page(db, status, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda r: r.round_id)


@get(
    "/suspension-rounds/{round_id:uuid}",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetSuspensionRound",
        "A round and what it found",
        discloses="nothing",
        errors=(RoundNotFound,),
        answer={"round": ROUND, "findings": [FINDING]},
    ),
)
async def get_round(round_id: FromPath[UUID], db: NamedDependency[Db]) -> RoundWithFindings:
    """Who gave cause, what was seen, and how many contracts would freeze: the dry run."""
    return await service.find(db, round_id)


@post(
    "/suspension-rounds/{round_id:uuid}/decision",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "DecideSuspensionRound",
        "Approve or discard a mass suspension",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, RoundNotFound, RoundNotHeld, RoundDiffers),
        body=SIGNED,
        answer={
            **ROUND,
            "status": "RELEASED",
            "decided_at": "2026-06-10T04:00:00Z",
            "reason": "Тексерілді",
        },
    ),
)
async def decide(
    round_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Round:
    """Decide a held round, signed (`suspension.decide_round`): round_id, sha256 as shown, verdict
    (RELEASE, DISCARD), reason."""
    signed = await evidence.accept(resources, actor, data, DecideRound)
    if signed.command.round_id != round_id:
        raise DocumentMalformed(path="$.round_id", detail="not the one of this address")
    return await service.decide(resources, actor, signed)


@get(
    "/suspension-sources",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["payments"],
    **operation(
        "ListSuspensionSources",
        "How the sources of S1 and S2 fare",
        discloses="nothing",
        answer=[
            {
                "ground": "S2",
                "connected": True,
                "failures": 0,
                "ask_after": "2026-06-09T19:00:00Z",
                "silent_since": None,
            }
        ],
    ),
)
async def list_sources(db: NamedDependency[Db], config: NamedDependency[Config]) -> list[Source]:
    """Which source is silent, since when, and when it is asked again; silence decides nothing."""
    return await service.sources(db, config)


@get(
    "/suspension-limit",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetSuspensionLimit", "The brake of mass suspensions", discloses="nothing", answer=LIMIT
    ),
)
async def get_limit(db: NamedDependency[Db]) -> Limit:
    """How many contracts may freeze in a day before a person is asked."""
    return await service.limit(db)


@post(
    "/suspension-limit",
    status_code=200,
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["payments"],
    **operation(
        "SetSuspensionLimit",
        "Change the brake of mass suspensions",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED,
        answer=LIMIT,
    ),
)
async def set_limit(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Limit:
    """Set the share (thousandths of all contracts in force) and the number that always passes, signed
    (`suspension.limit`): share_milli, minimum, reason."""
    signed = await evidence.accept(resources, actor, data, SetLimit)
    return await service.set_limit(resources, actor, signed)


@get(
    "/licence-events",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListLicenceEvents",
        "What becomes of executors' licences",
        discloses="nothing",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "event_id": "01980000-0000-7000-8000-0000000000e9",
                    "executor_id": EXECUTOR_ID,
                    "kind": "LICENCE_ENDED",
                    "happened_on": "2026-06-08",
                    "registered_at": "2026-06-08T09:00:00Z",
                    "document": {
                        "number": "12-4/7",
                        "issued_on": "2026-06-08",
                        "issued_by": "Медициналық және фармацевтикалық бақылау комитеті",
                    },
                    "received_at": "2026-06-08T09:00:30Z",
                    "received_on": "2026-06-08",
                    "annulled": False,
                    "stopped": False,
                }
            ],
            "next": None,
        },
    ),
)
async def list_licence_events(
    db: NamedDependency[Db],
    executor_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[LicenceEvent]:
    """What the journal of permits told, the newest first: from `received_on` T1 counts, once the issuer
    signs `termination.open` with the decision it rests on."""
    rows = await licences.page(db, executor_id, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda e: e.event_id)


HANDLERS = [list_rounds, get_round, decide, list_sources, get_limit, set_limit, list_licence_events]
