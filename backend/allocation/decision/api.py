"""Decisions over HTTP. Signing stands with the contracts, which it forms."""

from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.application.api import REVIEWERS
from backend.allocation.decision import publication, residue, service
from backend.allocation.decision.examples import (
    BUNDLE,
    DECISION,
    HASH,
    LINE,
    PUBLIC_DECISION,
    PUBLISHED,
    SHARE,
)
from backend.allocation.decision.record import (
    Decision,
    LineView,
    PublicDecision,
    RefuseDecision,
    ShareView,
)
from backend.allocation.decision.refusals import (
    AlgorithmMissing,
    AlreadyDecided,
    AnnouncementOpen,
    ApplicationsWaiting,
    CapacityMissing,
    DecisionNotFound,
    DecisionStateWrong,
    PlanNotInForce,
    ResidueNone,
    WindowOpen,
)
from backend.allocation.decision.residue import AnnounceResidue
from backend.allocation.plan.errors import (
    AnnouncementNotFound,
    DocumentMismatch,
    LimitsExceeded,
    PilotExpired,
    PlanNotFound,
)
from backend.allocation.plan.examples import SIGNED_EXAMPLE
from backend.allocation.plan.model import Published
from backend.kernel.actor import EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, decode_uuid, page


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
            AlgorithmMissing,
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
    config: NamedDependency[Config],
) -> Decision:
    """Compute the decision by rule; no single result can be edited, before or after (D6)."""
    return await service.decide(
        db, clock, calendar, actor, announcement_id, algorithm=config.algorithm
    )


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
    "/decisions/{decision_id:uuid}/lines",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListDecisionLines",
        "How each line was shared",
        discloses="nothing",
        errors=(DecisionNotFound, BadCursor),
        answer={"items": [LINE], "next": None},
    ),
)
async def list_lines(
    decision_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[LineView]:
    """From the minimums to the residue, explained in kk, ru or en."""
    rows = await publication.lines(
        db, actor, cast(Language, language), decision_id, decode(cursor), limit
    )
    return page(rows, limit, lambda line: line.line_code)


@get(
    "/decisions/{decision_id:uuid}/shares",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListShares",
        "Shares of a decision with their explanation",
        discloses="nothing",
        errors=(DecisionNotFound, BadCursor),
        answer={"items": [SHARE], "next": None},
    ),
)
async def list_shares(
    decision_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ShareView]:
    """In the order of applications; an executor sees his own. Explained in kk, ru or en."""
    rows = await publication.shares(
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
        answer=BUNDLE,
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
    content = await publication.published(db, actor, decision_id)
    return Response(content=content, media_type="application/json")


@get(
    "/public/decisions",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListPublicDecisions",
        "Signed decisions",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [PUBLIC_DECISION], "next": None},
    ),
)
async def list_public(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[PublicDecision]:
    """Newest first; each has a file that anyone can compute anew."""
    rows = await publication.public_decisions(db, decode_uuid(cursor), limit)
    return page(rows, limit, lambda d: d.decision_id)


@get(
    "/public/decisions/{decision_id:uuid}",
    guards=[public],
    tags=["allocation"],
    **operation(
        "GetPublicDecision",
        "A decision to compute anew, with the issuer's seal",
        discloses="nothing",
        guarded=False,
        errors=(DecisionNotFound,),
        answer={"record": BUNDLE, "record_sha256": HASH, "seal": "MIIB…"},
    ),
)
async def get_public(decision_id: FromPath[UUID], db: NamedDependency[Db]) -> Response[bytes]:
    """One file for `saqtau allocate --bundle FILE`, offline: what was computed, from what, sealed.

    `seal` is a detached CMS over the bytes of `record`, null until it is made.
    """
    content = await publication.sealed(db, decision_id)
    return Response(
        content=content,
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="decision-{decision_id}.json"'},
    )


@post(
    "/plans/{plan_id:uuid}/residue",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "AnnounceResidue",
        "Announce what is left of a plan",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            PlanNotFound,
            PlanNotInForce,
            PilotExpired,
            AnnouncementOpen,
            ResidueNone,
        ),
        body=SIGNED_EXAMPLE,
        answer=PUBLISHED,
    ),
)
async def announce_residue(
    plan_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> Published:
    """The issuer signs `{"operation": "residue.announce", plan_id, decision_id}`; a new window opens.

    `decision_id` is the newest decision of the plan: what is left is left after it (D21).
    """
    signed = await evidence.accept(resources, actor, data, AnnounceResidue)
    return await residue.announce(
        db,
        clock,
        calendar,
        actor,
        plan_id,
        signed,
        pilot_valid_to=resources.config.pilot_valid_to,
    )


HANDLERS = [
    decide,
    refuse,
    get_decision,
    list_lines,
    list_shares,
    get_bundle,
    list_public,
    get_public,
    announce_residue,
]
