"""Plans and announcements over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.plan import service
from backend.allocation.plan.errors import (
    AnnouncementNotFound,
    DocumentMismatch,
    LimitsExceeded,
    PilotExpired,
    PlanInForce,
    PlanNotFound,
    PlanRowsInvalid,
    PlanStateWrong,
)
from backend.allocation.plan.examples import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_ID,
    LINE,
    PLAN,
    PLAN_ID,
    SIGNED_EXAMPLE,
)
from backend.allocation.plan.model import (
    Announcement,
    ApprovePlan,
    ImportPlan,
    ImportPlanTable,
    ImportPlanWorkbook,
    Plan,
    PlanLine,
    Published,
    PublishPlan,
)
from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, decode_uuid, page


@post(
    "/plans",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "ImportPlan",
        "Import a procurement plan, signed",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, PlanRowsInvalid),
        body=SIGNED_EXAMPLE,
        answer=PLAN,
    ),
)
async def import_plan(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Plan:
    """Take a plan as a draft. The document: `{"operation": "plan.import", year, limits, lines}`.

    Faulty rows are told together in `errors`; then nothing is imported.
    """
    signed = await evidence.accept(resources, actor, data, ImportPlan)
    return await service.import_plan(db, clock, actor, signed)


@post(
    "/plans/csv",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ImportPlanTable",
        "Import a procurement plan from CSV as a draft",
        discloses="nothing",
        errors=(PlanRowsInvalid,),
        body={
            "year": 2026,
            "limits": {"gvfmc": 0, "mhi": 3086417500},
            "csv": "code,source,region,service_type,care_form,title_kk,title_ru,unit,"
            "planned_units,tariff_tiyn,base_kind,payment_method\n"
            "2026-mhi-75-cdc,mhi,75,cdc,ambulatory,КДК,КДП,service,2500,1234567,capacity,"
            "per_service\n",
        },
        answer=PLAN,
    ),
)
async def import_table(
    data: JSONBody[ImportPlanTable],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Plan:
    """Take a table in UTF-8, comma or semicolon, with a header.

    Faulty rows are told together in `errors`, in the caller's language; then nothing is imported.
    """
    return await service.import_table(db, clock, actor, data)


@post(
    "/plans/xlsx",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ImportPlanWorkbook",
        "Import a procurement plan from XLSX as a draft",
        discloses="nothing",
        errors=(PlanRowsInvalid,),
        body={"year": 2026, "limits": {"gvfmc": 0, "mhi": 3086417500}, "xlsx": "UEsDBBQAAAAI…"},
        answer=PLAN,
    ),
)
async def import_workbook(
    data: JSONBody[ImportPlanWorkbook],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Plan:
    """Take the first sheet of a workbook (base64) with the columns of the CSV table, the header first.

    Faulty rows are told together in `errors`, in the caller's language; then nothing is imported.
    """
    return await service.import_workbook(db, clock, actor, data)


@post(
    "/plans/{plan_id:uuid}/approval",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["allocation"],
    **operation(
        "ApprovePlan",
        "Approve a plan within its limits",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, PlanNotFound, DocumentMismatch, PlanStateWrong, LimitsExceeded),
        body=SIGNED_EXAMPLE,
        answer={**PLAN, "status": "APPROVED", "approved_at": "2026-04-06T05:00:00Z"},
    ),
)
async def approve(
    plan_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> Plan:
    """The issuer's head signs `{"operation": "plan.approve", "plan_id": …}`; term d1 begins."""
    signed = await evidence.accept(
        resources, actor, data, ApprovePlan, roles=frozenset({CertificateRole.HEAD})
    )
    return await service.approve(db, clock, calendar, actor, plan_id, signed)


@post(
    "/plans/{plan_id:uuid}/publication",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "PublishPlan",
        "Publish a plan with its announcement",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            PlanNotFound,
            DocumentMismatch,
            PlanStateWrong,
            PlanInForce,
            PilotExpired,
        ),
        body=SIGNED_EXAMPLE,
        answer={
            "announcement_id": ANNOUNCEMENT_ID,
            "plan_id": PLAN_ID,
            "posted_at": "2026-04-10T05:00:00Z",
            "accepting_until": "2026-04-17T18:59:59.999999Z",
        },
    ),
)
async def publish(
    plan_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    config: NamedDependency[Config],
    actor: NamedDependency[Actor],
) -> Published:
    """Sign `{"operation": "plan.publish", "plan_id": …}`; the five working days to apply begin."""
    signed = await evidence.accept(resources, actor, data, PublishPlan)
    return await service.publish(
        db, clock, calendar, actor, plan_id, signed, pilot_valid_to=config.pilot_valid_to
    )


@get(
    "/plans",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ListPlans",
        "Plans, newest first",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [PLAN], "next": None},
    ),
)
async def list_plans(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Plan]:
    """Every plan of the issuer, drafts too."""
    rows = await service.plans(db, decode_uuid(cursor), limit)
    return page(rows, limit, lambda p: p.plan_id)


@get(
    "/plans/{plan_id:uuid}",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation("GetPlan", "One plan", discloses="nothing", errors=(PlanNotFound,), answer=PLAN),
)
async def get_plan(plan_id: FromPath[UUID], db: NamedDependency[Db]) -> Plan:
    """A plan in any state, without its lines."""
    return await service.plan_of(db, plan_id)


@get(
    "/plans/{plan_id:uuid}/lines",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ListPlanLines",
        "Lines of a plan in any state",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [LINE], "next": None},
    ),
)
async def list_lines(
    plan_id: FromPath[UUID],
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[PlanLine]:
    """Lines by code."""
    rows = await service.lines(db, plan_id, decode(cursor), limit)
    return page(rows, limit, lambda line: line.code)


@get(
    "/public/plans",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListPublishedPlans",
        "Published plans",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [{**PLAN, "status": "PUBLISHED"}], "next": None},
    ),
)
async def list_published(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Plan]:
    """Plans that are or were in force, newest first."""
    rows = await service.plans(db, decode_uuid(cursor), limit, public=True)
    return page(rows, limit, lambda p: p.plan_id)


@get(
    "/public/plans/{plan_id:uuid}/lines",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListPublishedPlanLines",
        "Lines of a published plan",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor, PlanNotFound),
        answer={"items": [LINE], "next": None},
    ),
)
async def list_published_lines(
    plan_id: FromPath[UUID],
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[PlanLine]:
    """Lines by code; a draft has none here."""
    rows = await service.lines(db, plan_id, decode(cursor), limit, public=True)
    return page(rows, limit, lambda line: line.code)


@get(
    "/public/announcements",
    guards=[public],
    tags=["allocation"],
    **operation(
        "ListAnnouncements",
        "Announcements, newest first",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [ANNOUNCEMENT], "next": None},
    ),
)
async def list_announcements(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Announcement]:
    """What may be or could be applied for, and until when."""
    rows = await service.announcements(db, decode_uuid(cursor), limit)
    return page(rows, limit, lambda a: a.announcement_id)


@get(
    "/public/announcements/{announcement_id:uuid}",
    guards=[public],
    tags=["allocation"],
    **operation(
        "GetAnnouncement",
        "One announcement",
        discloses="nothing",
        guarded=False,
        errors=(AnnouncementNotFound,),
        answer=ANNOUNCEMENT,
    ),
)
async def get_announcement(
    announcement_id: FromPath[UUID], db: NamedDependency[Db]
) -> Announcement:
    """An announcement, its window and its state."""
    return await service.announcement(db, announcement_id)


HANDLERS = [
    import_plan,
    import_table,
    import_workbook,
    approve,
    publish,
    list_plans,
    get_plan,
    list_lines,
    list_published,
    list_published_lines,
    list_announcements,
    get_announcement,
]
