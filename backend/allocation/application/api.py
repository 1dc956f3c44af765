"""Applications over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.application import changing, service
from backend.allocation.application.errors import (
    ApplicationNotFound,
    ApplicationReviewed,
    ApplicationWithdrawn,
    CoExecutorInvalid,
    GroundInvalid,
    LineTwice,
    LiveApplicationExists,
    NothingChanged,
    NotInOrder,
    UnknownFacility,
    UnknownLine,
    WindowClosed,
)
from backend.allocation.application.full import Application
from backend.allocation.application.model import (
    ApplicationSummary,
    ChangeApplication,
    EnteredChange,
    ReviewApplication,
    SubmitApplication,
    Submitted,
    WithdrawApplication,
)
from backend.allocation.confirmation import service as confirmation
from backend.allocation.confirmation.errors import (
    EvidenceRefuted,
    EvidenceUnknown,
    ManualEvidenceWrong,
)
from backend.allocation.confirmation.model import Confirmation
from backend.allocation.plan.errors import AnnouncementNotFound, DocumentMismatch, PilotExpired
from backend.allocation.plan.examples import (
    ANNOUNCEMENT_ID,
    LINE_ID,
    SIGNED_EXAMPLE,
)
from backend.allocation.purchase_rule.errors import RuleUnknown
from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, ISSUER, Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.ids import BinInvalid, IinInvalid
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import (
    AccountBlocked,
    AccountNotOpen,
    AgreementWithdrawn,
    ChangeInFuture,
)
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, decode_uuid, page

REVIEWERS = frozenset({Role.ISSUER_HEAD, Role.ISSUER_SIGNER, Role.ISSUER_REVIEWER})
MAY_REVIEW = frozenset({CertificateRole.HEAD, CertificateRole.SIGNATORY, CertificateRole.EMPLOYEE})
APPLICATION_ID = "01980000-0000-7000-8000-0000000000a4"
EXECUTOR_ID = "01980000-0000-7000-8000-0000000000a5"
SUMMARY = {
    "application_id": APPLICATION_ID,
    "announcement_id": ANNOUNCEMENT_ID,
    "seq_no": 1,
    "executor_id": EXECUTOR_ID,
    "executor_bin": "061211600012",
    "executor_name": "«Жетісу» клиникасы",
    "submitted_at": "2026-04-13T05:00:00Z",
    "status": "SUBMITTED",
    "lines": 1,
    "amount_tiyn": 2469134000,
    "warnings": ["readiness:qr_obtained"],
    "ground": None,
    "ground_rule": None,
    "ground_text": None,
    "reviewed_at": None,
    "withdrawn_at": None,
}


CONFIRMATION = {
    "kind": "TAX",
    "place": 0,
    "status": "CONFIRMED",
    "reason": None,
    "debt_tiyn": 0,
    "untimely": 0,
    "as_of": "2026-04-13T03:00:00Z",
    "asked_at": "2026-04-13T05:00:00Z",
}


@post(
    "/announcements/{announcement_id:uuid}/applications",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["allocation"],
    **operation(
        "SubmitApplication",
        "Apply for lines of an announcement",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            AnnouncementNotFound,
            WindowClosed,
            PilotExpired,
            AccountNotOpen,
            AccountBlocked,
            AgreementWithdrawn,
            LiveApplicationExists,
            UnknownLine,
            UnknownFacility,
            LineTwice,
            CoExecutorInvalid,
            BinInvalid,
            IinInvalid,
        ),
        body=SIGNED_EXAMPLE,
        answer={
            "application_id": APPLICATION_ID,
            "announcement_id": ANNOUNCEMENT_ID,
            "seq_no": 1,
            "submitted_at": "2026-04-13T05:00:00Z",
            "review_due_at": "2026-04-14T18:59:59.999999Z",
            "warnings": ["readiness:qr_obtained"],
        },
    ),
)
async def submit(
    announcement_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    keyring: NamedDependency[Keyring],
    actor: NamedDependency[Actor],
) -> Submitted:
    """Sign `{"operation": "application.submit", announcement_id, lines, licences, …}` (M §8).

    The server's clock and the order of arrival count. `warnings` name what is missing of M §6
    and §8: the application stands, but may be rejected with G1.
    """
    received_at = clock.now()  # before the signature is verified: its queue costs nobody the window
    signed = await evidence.accept(resources, actor, data, SubmitApplication)
    return await service.submit(
        db,
        clock,
        calendar,
        keyring,
        actor,
        announcement_id,
        signed,
        received_at,
        pilot_valid_to=resources.config.pilot_valid_to,
    )


@post(
    "/applications/{application_id:uuid}/withdrawal",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["allocation"],
    **operation(
        "WithdrawApplication",
        "Withdraw an application inside the window",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            ApplicationNotFound,
            WindowClosed,
            ApplicationWithdrawn,
        ),
        body=SIGNED_EXAMPLE,
        answer={**SUMMARY, "status": "WITHDRAWN", "withdrawn_at": "2026-04-14T05:00:00Z"},
    ),
)
async def withdraw(
    application_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> ApplicationSummary:
    """Sign `{"operation": "application.withdraw", "application_id": …}`."""
    signed = await evidence.accept(resources, actor, data, WithdrawApplication)
    return await service.withdraw(db, clock, calendar, actor, application_id, signed)


@post(
    "/applications/{application_id:uuid}/review",
    guards=[requires(REVIEWERS)],
    tags=["allocation"],
    **operation(
        "ReviewApplication",
        "Accept or reject the next application",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            ApplicationNotFound,
            NotInOrder,
            GroundInvalid,
            RuleUnknown,
            ApplicationReviewed,
            ApplicationWithdrawn,
            EvidenceUnknown,
            EvidenceRefuted,
            ManualEvidenceWrong,
        ),
        body=SIGNED_EXAMPLE,
        answer={**SUMMARY, "status": "ACCEPTED", "reviewed_at": "2026-04-14T05:00:00Z"},
    ),
)
async def review(
    application_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> ApplicationSummary:
    """Sign `application.review` {application_id, decision, ground?, text?, rule?, manual?}.

    `decision` is `accept` or `reject`; a rejection has the ground G1 or G2 and a text (M §10), G2 perhaps the
    `rule` of the directory. Nothing is accepted that an outside system has not borne out; `manual` names
    papers for licences while the system of permits is silent.
    """
    signed = await evidence.accept(resources, actor, data, ReviewApplication, roles=MAY_REVIEW)
    return await service.review(db, clock, actor, application_id, signed)


@post(
    "/applications/{application_id:uuid}/changes",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["allocation"],
    **operation(
        "ChangeApplicationData",
        "Enter changed documents and data of an application",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            ApplicationNotFound,
            NothingChanged,
            AccountNotOpen,
            AccountBlocked,
            ChangeInFuture,
        ),
        body=SIGNED_EXAMPLE,
        answer={
            "no": 1,
            "changed_on": "2026-06-01",
            "contents": {"licences": [], "sanitary": [], "tax_info": None},
            "entered_at": "2026-06-01T05:00:00Z",
        },
    ),
)
async def change(
    application_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> EnteredChange:
    """Sign `application.change` {application_id, changed_on, licences, …}: within one working day (M §31)."""
    signed = await evidence.accept(resources, actor, data, ChangeApplication)
    return await changing.change(db, clock, calendar, actor, application_id, signed)


@post(
    "/applications/{application_id:uuid}/confirmations",
    status_code=200,
    guards=[requires(REVIEWERS)],
    tags=["allocation"],
    **operation(
        "ConfirmApplication",
        "Ask the outside systems about an application now",
        discloses="nothing",
        errors=(ApplicationNotFound,),
        answer=[CONFIRMATION],
    ),
)
async def confirm(
    application_id: FromPath[UUID], resources: NamedDependency[Resources]
) -> list[Confirmation]:
    """Licences from the system of permits, debts from the tax body, each with the age of its record."""
    try:
        return await confirmation.confirm(resources, application_id)
    except LookupError:
        raise ApplicationNotFound from None


@get(
    "/announcements/{announcement_id:uuid}/applications",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ListApplications",
        "The queue of an announcement, in its order",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [SUMMARY], "next": None},
    ),
)
async def list_queue(
    announcement_id: FromPath[UUID],
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ApplicationSummary]:
    """Every application by its number, withdrawn and rejected ones too."""
    rows = await service.queue(db, announcement_id, decode_int(cursor), limit)
    return page(rows, limit, lambda a: a.seq_no)


@get(
    "/applications",
    guards=[requires(EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListOwnApplications",
        "My applications",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [SUMMARY], "next": None},
    ),
)
async def list_own(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ApplicationSummary]:
    """The executor's applications, newest first."""
    rows = await service.own(db, actor, decode_uuid(cursor), limit)
    return page(rows, limit, lambda a: a.application_id)


@get(
    "/applications/{application_id:uuid}",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetApplication",
        "One application in full",
        discloses="nothing",
        errors=(ApplicationNotFound,),
        answer={
            "summary": SUMMARY,
            "lines": [{"line_id": LINE_ID, "code": "2026-mhi-75-cdc", "requested": 2000}],
            "contents": {"licences": [], "sanitary": [], "tax_info": None},
            "co_executors": [],
            "confirmations": [CONFIRMATION],
            "manual": [],
            "changes": [],
        },
    ),
)
async def get_application(
    application_id: FromPath[UUID],
    db: NamedDependency[Db],
    keyring: NamedDependency[Keyring],
    actor: NamedDependency[Actor],
) -> Application:
    """For the issuer and for the executor that applied."""
    return await service.application(db, keyring, actor, application_id)


HANDLERS = [submit, withdraw, review, change, confirm, list_queue, list_own, get_application]
