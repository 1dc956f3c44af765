"""Decisions over HTTP. Signing stands with the contracts, which it forms."""

from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.application.api import (
    APPLICATION_ID,
    EXECUTOR_ID,
    REVIEWERS,
)
from backend.allocation.decision import service
from backend.allocation.decision.record import Decision, RefuseDecision, ShareView
from backend.allocation.decision.refusals import (
    AlreadyDecided,
    ApplicationsWaiting,
    CapacityMissing,
    DecisionNotFound,
    DecisionStateWrong,
    WindowOpen,
)
from backend.allocation.plan.errors import AnnouncementNotFound, DocumentMismatch, LimitsExceeded
from backend.allocation.plan.examples import (
    ANNOUNCEMENT_ID,
    LINE_ID,
    PLAN_ID,
    SIGNED_EXAMPLE,
    SIGNING_ERRORS,
    Limit,
)
from backend.kernel.actor import EXECUTOR, ISSUER, Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import public, requires
from backend.web.openapi import operation
from backend.web.paging import BadCursor, Page, decode, page

DECISION_ID = "01980000-0000-7000-8000-0000000000a7"
HASH = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
DECISION = {
    "decision_id": DECISION_ID,
    "announcement_id": ANNOUNCEMENT_ID,
    "plan_id": PLAN_ID,
    "year": 2026,
    "status": "CALCULATED",
    "algorithm": "saqtau-a2022-1",
    "input_sha256": HASH,
    "result_sha256": HASH,
    "calculated_at": "2026-04-20T05:00:00Z",
    "signed_at": None,
    "executed_at": None,
    "annulled_at": None,
    "annulment_reason": None,
    "lines": 100,
    "shares": 330,
    "amount_tiyn": 250000000000000,
    "residue_tiyn": 10000000000000,
}


@post(
    "/announcements/{announcement_id:uuid}/decision",
    guards=[requires(REVIEWERS)],
    tags=["allocation"],
    **operation(
        "DecideAllocation",
        "Allocate every line of a closed announcement",
        discloses="nothing",
        errors=(
            AnnouncementNotFound,
            WindowOpen,
            ApplicationsWaiting,
            AlreadyDecided,
            CapacityMissing,
            LimitsExceeded,
        ),
        answer=DECISION,
    ),
)
async def decide(
    announcement_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> Decision:
    """Compute the decision by rule; no single result can be edited, before or after (D6)."""
    return await service.decide(db, clock, calendar, actor, announcement_id)


@post(
    "/decisions/{decision_id:uuid}/refusal",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["allocation"],
    **operation(
        "RefuseDecision",
        "Refuse to sign a computed decision",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DocumentMismatch, DecisionNotFound, DecisionStateWrong),
        body=SIGNED_EXAMPLE,
        answer={
            **DECISION,
            "status": "ANNULLED",
            "annulled_at": "2026-04-20T06:00:00Z",
            "annulment_reason": "Қуаттар ескірген",
        },
    ),
)
async def refuse(
    decision_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Decision:
    """Sign `{"operation": "decision.refuse", decision_id, reason}`; then compute anew from changed data."""
    signed = await evidence.accept(
        resources, actor, data, RefuseDecision, roles=frozenset({CertificateRole.HEAD})
    )
    return await service.refuse(db, clock, actor, decision_id, signed)


@get(
    "/decisions/{decision_id:uuid}",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetDecision",
        "One decision",
        discloses="nothing",
        errors=(DecisionNotFound,),
        answer=DECISION,
    ),
)
async def get_decision(
    decision_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Decision:
    """The issuer sees it in any state, executors once it is signed."""
    return await service.decision(db, actor, decision_id)


@get(
    "/decisions/{decision_id:uuid}/shares",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListShares",
        "Shares of a decision with their explanation",
        discloses="nothing",
        errors=(DecisionNotFound, BadCursor),
        answer={
            "items": [
                {
                    "line_id": LINE_ID,
                    "line_code": "2026-mhi-75-cdc",
                    "application_id": APPLICATION_ID,
                    "executor_id": EXECUTOR_ID,
                    "executor_name": "«Жетісу» клиникасы",
                    "seq_no": 1,
                    "group": "I",
                    "min": 800,
                    "max": 950,
                    "allocated": 922,
                    "amount_tiyn": 1138270774,
                    "reason": None,
                    "no_history": False,
                    "explanation": "Score 4.900, rounded to tenths 4.9: group I. …",
                }
            ],
            "next": None,
        },
    ),
)
async def list_shares(
    decision_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[ShareView]:
    """In the order of applications; an executor sees his own. Explained in kk, ru or en."""
    rows = await service.shares(
        db, actor, cast(Language, language), decision_id, _after(cursor), limit
    )
    return page(rows, limit, lambda s: f"{s.seq_no} {s.line_id}")


def _after(cursor: str | None) -> tuple[int, UUID] | None:
    key = decode(cursor)
    if key is None:
        return None
    seq_no, _, line_id = key.partition(" ")
    try:
        number = int(seq_no)
        if not 0 <= number < 2**31:
            raise BadCursor(path="cursor")
        return number, UUID(line_id)
    except ValueError:
        raise BadCursor(path="cursor") from None


@get(
    "/decisions/{decision_id:uuid}/bundle",
    guards=[public],
    tags=["allocation"],
    **operation(
        "GetDecisionBundle",
        "The public record: canonical input, result and hashes",
        discloses="nothing",
        guarded=False,
        errors=(DecisionNotFound,),
        answer={
            "algorithm": "saqtau-a2022-1",
            "announcement_id": ANNOUNCEMENT_ID,
            "input_sha256": HASH,
            "lines": [{"case": {"line": {}, "applications": []}, "result": {}, "source": "mhi"}],
            "plan": {"plan_id": PLAN_ID, "year": 2026, "version": 1},
            "totals": [{"source": "mhi", "amount_tiyn": 1, "before_tiyn": 0, "limit_tiyn": 2}],
        },
    ),
)
async def get_bundle(
    decision_id: FromPath[UUID], db: NamedDependency[Db], request: Request[Any, Any, Any]
) -> Response[bytes]:
    """The exact bytes whose SHA-256 the issuer's head signs.

    Each `case` of `lines` may be given to `saqtau allocate` and answers with its `result`. Public
    once the decision is signed.
    """
    actor: Actor | None = request.scope.get("user")
    content = await service.published(db, actor, decision_id)
    return Response(content=content, media_type="application/json")


HANDLERS = [decide, refuse, get_decision, list_shares, get_bundle]
