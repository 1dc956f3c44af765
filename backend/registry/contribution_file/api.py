"""Files of contributions over HTTP, and the repair queue of the Fund's officers."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.contribution_file.errors import (
    FileDiffers,
    FileHashMismatch,
    FileNotFound,
    RepairClosed,
    RepairNotFound,
    StillBroken,
)
from backend.registry.contribution_file.model import (
    Discard,
    Fault,
    FileReport,
    Fix,
    ImportReport,
    PostFile,
    Repair,
    RepairContent,
    RepairSummary,
)
from backend.registry.contribution_file.service import read, receive, repair
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

# The Fund keeps the record of consumers (rules KR DSM-333/2020): its officers put rows right.
OFFICERS = (Role.ISSUER_FINANCE, Role.ISSUER_REVIEWER)
FILE_ID = "01980000-0000-7000-8000-000000000050"
REPAIR_ID = "01980000-0000-7000-8000-000000000051"
FILE = {
    "file_id": FILE_ID,
    "source": "160440007161",
    "name": "SC-20260406.csv",
    "format": "csv",
    "channel": "POSTED",
    "status": "DONE",
    "bytes": 157,
    "received": 157,
    "number": "SC-2026-000001",
    "day": "2026-04-06",
    "records": 3,
    "receipts_tiyn": 1800000,
    "returns_tiyn": 100000,
    "taken": 2,
    "repeated": 0,
    "to_repair": 1,
    "refused_code": None,
    "refused_line": None,
    "hold_id": None,
    "created_at": "2026-04-06T04:00:00Z",
    "finished_at": "2026-04-06T04:00:02Z",
}
REPAIR = {
    "repair_id": REPAIR_ID,
    "file_id": FILE_ID,
    "line": 2,
    "code": "IIN_INVALID",
    "kind": "RECEIPT",
    "ref": "SC-2026-000001/1",
    "day": "2026-04-06",
    "amount_tiyn": 900000,
    "status": "WAITING",
    "received_at": "2026-04-06T04:00:01Z",
    "tried_at": "2026-04-06T04:00:01Z",
    "closed_at": None,
    "closed_by": None,
    "reason": None,
}
CLOSED = {
    "status": "FIXED",
    "closed_at": "2026-04-06T05:00:00Z",
    "closed_by": "issuer_finance:061211600012",
    "reason": "Жұмыс берушінің хаты 12-34",
}


@post(
    "/contribution-files",
    status_code=202,
    guards=[requires(Role.INTEGRATION)],
    tags=["registry"],
    **operation(
        "HandInContributionFile",
        "Hand in a file of contributions",
        discloses="nothing",
        errors=(FileHashMismatch, FileDiffers),
        body={
            "name": "SC-20260406.csv",
            "format": "csv",
            "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
            "content": "SDtTQy1NSEktMTsuLi4K",
        },
        answer=FILE | {"status": "STAGING", "taken": 0, "to_repair": 0, "finished_at": None},
    ),
)
async def hand_in(
    data: JSONBody[PostFile],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FileReport:
    """Hand in a file in one of the documented formats; the worker takes it, whole or not at all.

    The same file again is the same file. Larger ones are fetched.
    """
    return await receive.post(resources, actor, data)


@get(
    "/contribution-files",
    guards=[requires(*ISSUER, Role.REGISTRAR, Role.INTEGRATION)],
    tags=["registry"],
    **operation(
        "ListContributionFiles",
        "Files of contributions",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [FILE], "next": None},
    ),
)
async def list_files(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[FileReport]:
    """Show files, the newest first: a source its own, the Fund and the registrar all."""
    rows = await read.files(db, actor, before=paging.decode_uuid(cursor), limit=limit + 1)
    return paging.page(rows, limit, lambda file: file.file_id)


@get(
    "/contribution-files/{file_id:uuid}",
    guards=[requires(*ISSUER, Role.REGISTRAR, Role.INTEGRATION)],
    tags=["registry"],
    **operation(
        "GetImportReport",
        "What came of a file",
        discloses="nothing",
        errors=(FileNotFound,),
        answer={"file": FILE, "faults": [{"code": "IIN_INVALID", "rows": 1, "waiting": 1}]},
    ),
)
async def get_report(
    file_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ImportReport:
    """Tell what was taken, what was known already, and what went to repair for which reason."""
    return await read.report(db, actor, file_id)


@get(
    "/contribution-repairs",
    guards=[requires(*OFFICERS)],
    tags=["registry"],
    **operation(
        "ListContributionRepairs",
        "Rows of files that could not be taken",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [REPAIR], "next": None},
    ),
)
async def list_repairs(
    db: NamedDependency[Db],
    code: FromQuery[Fault | None] = None,
    file_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Repair]:
    """Show what waits and why, the oldest first, without whom it names."""
    after = paging.decode_uuid(cursor)
    rows = await repair.waiting(db, code=code, file_id=file_id, after=after, limit=limit + 1)
    return paging.page(rows, limit, lambda row: row.repair_id)


@get(
    "/contribution-repairs/summary",
    guards=[requires(*OFFICERS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CountContributionRepairs",
        "How many rows wait for what, and how much money",
        discloses="nothing",
        answer=[
            {
                "code": "IIN_INVALID",
                "waiting": 12,
                "amount_tiyn": 10800000,
                "oldest_at": "2026-04-06T04:00:01Z",
            }
        ],
    ),
)
async def count_repairs(db: NamedDependency[Db]) -> list[RepairSummary]:
    """Count what waits by reason."""
    return await repair.summary(db)


@get(
    "/contribution-repairs/{repair_id:uuid}",
    guards=[requires(*OFFICERS)],
    tags=["registry"],
    **operation(
        "GetContributionRepair",
        "A row with its numbers",
        discloses="person",
        errors=(RepairNotFound,),
        answer={
            "repair": REPAIR,
            "iin": "850101300004",
            "payer": "090440002224",
            "payer_kind": None,
            "period": "2026-03",
            "receipt_kind": "deduction",
            "original_ref": None,
            "notes": [
                {
                    "at": "2026-04-06T05:00:00Z",
                    "actor": "issuer_finance:061211600012",
                    "action": "READ",
                    "told": "",
                }
            ],
        },
    ),
)
async def get_repair(
    repair_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> RepairContent:
    """Show a row as it was told; that it was looked at is noted with it."""
    return await repair.read(resources, actor, repair_id)


@post(
    "/contribution-repairs/{repair_id:uuid}/fix",
    status_code=200,
    guards=[requires(*OFFICERS)],
    tags=["registry"],
    **operation(
        "FixContributionRepair",
        "Give a row its right numbers",
        discloses="nothing",
        errors=(RepairNotFound, RepairClosed, StillBroken),
        body={"reason": CLOSED["reason"], "iin": "850101300005"},
        answer=REPAIR | CLOSED,
    ),
)
async def fix_repair(
    repair_id: FromPath[UUID],
    data: JSONBody[Fix],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Repair:
    """Take the row with the right IIN, payer or month, and a reason; what is left out stays as told."""
    return await repair.fix(resources, actor, repair_id, data)


@post(
    "/contribution-repairs/{repair_id:uuid}/discard",
    status_code=200,
    guards=[requires(*OFFICERS)],
    tags=["registry"],
    **operation(
        "DiscardContributionRepair",
        "Give a row up",
        discloses="nothing",
        errors=(RepairNotFound, RepairClosed),
        body={"reason": "Қате төлем, қайтарылды"},
        answer=REPAIR | CLOSED | {"status": "DISCARDED"},
    ),
)
async def discard_repair(
    repair_id: FromPath[UUID],
    data: JSONBody[Discard],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Repair:
    """Give the row up for a reason; it stays on record."""
    return await repair.discard(resources, actor, repair_id, data)
