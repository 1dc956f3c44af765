"""The feeds of medical information systems over HTTP."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch
from backend.registry.feed.errors import BatchChanged
from backend.registry.feed.model import FeedAnswer
from backend.registry.person import service as persons
from backend.registry.person.model import PersonBatch, SeenBatch
from backend.registry.worker import service as workers
from backend.registry.worker.model import StaffBatch
from backend.web.guards import requires
from backend.web.openapi import operation

BATCH = "01980000-0000-7000-8000-000000000030"
ANSWER = {
    "accepted": 1,
    "repeated": 0,
    "refused": [{"index": 1, "code": "IIN_INVALID", "path": "$.persons[1].iin"}],
}


@post(
    "/mis/persons",
    guards=[requires(Role.MIS)],
    tags=["registry"],
    **operation(
        "EnterPersons",
        "Persons entered in a medical information system",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": BATCH,
            "persons": [
                {
                    "iin": "850101300005",
                    "surname": "Омаров",
                    "name": "Асан",
                    "patronymic": "Серікұлы",
                    "birth_date": "1985-01-01",
                    "address": "Астана, Сарыарқа 5",
                    "region": "Астана",
                    "document_no": "012345678",
                    "phone": "+77010000001",
                }
            ],
        },
        answer=ANSWER,
    ),
)
async def enter_persons(
    data: JSONBody[PersonBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Enter up to 5,000 persons; a person who was seen by a doctor gets an account (M §4(1))."""
    return await persons.enter(resources, actor, data)


@post(
    "/mis/visits-seen",
    guards=[requires(Role.MIS)],
    tags=["registry"],
    **operation(
        "TellVisitsSeen",
        "Persons seen by a doctor",
        discloses="nothing",
        errors=(BatchChanged,),
        body={"batch_id": BATCH, "visits": [{"iin": "850101300005", "seen_on": "2026-04-06"}]},
        answer=ANSWER,
    ),
)
async def see_visits(
    data: JSONBody[SeenBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Tell visits to doctors; a person whom a MIS entered gets an account (M §4(1))."""
    return await persons.see(resources, actor, data)


@post(
    "/mis/attachments",
    guards=[requires(Role.MIS)],
    tags=["registry"],
    **operation(
        "AttachPersons",
        "Attachment of persons to executors",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": BATCH,
            "attachments": [
                {
                    "iin": "850101300005",
                    "executor_bin": "090440002224",
                    "facility_id": "01980000-0000-7000-8000-000000000020",
                    "since": "2026-04-06",
                }
            ],
        },
        answer=ANSWER,
    ),
)
async def attach(
    data: JSONBody[AttachmentBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Attach up to 5,000 persons; live policies follow to the new executor (M §38)."""
    return await attachments.attach(resources, actor, data)


@post(
    "/mis/staff",
    guards=[requires(Role.MIS)],
    tags=["registry"],
    **operation(
        "EmployWorkers",
        "Medical staff of executors",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": BATCH,
            "staff": [
                {
                    "executor_bin": "090440002224",
                    "iin": "850101300005",
                    "speciality": "therapist",
                    "active": True,
                }
            ],
        },
        answer=ANSWER,
    ),
)
async def employ(
    data: JSONBody[StaffBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Tell who works where; acts may name these workers only (M §13)."""
    return await workers.employ(resources, actor, data)
