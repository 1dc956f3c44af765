"""Files of attachments over HTTP: announced, sent in pieces, watched."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, RawBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.upload import service
from backend.registry.upload.errors import (
    HeaderInvalid,
    LineTooLong,
    OffsetMismatch,
    PieceTooLong,
    UploadComplete,
    UploadDiffers,
    UploadNotFound,
)
from backend.registry.upload.model import FILE_MAX, OpenUpload, Upload
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

LINE = (
    '{"iin":"850101300005","executor_bin":"090440002224",'
    '"facility_id":"01980000-0000-7000-8000-000000000020","since":"2026-04-06","seq":17}\n'
)
CSV = (
    "iin,executor_bin,facility_id,since,seq\n"
    "850101300005,090440002224,01980000-0000-7000-8000-000000000020,2026-04-06,17\n"
)
OPEN = {
    "upload_id": "01980000-0000-7000-8000-000000000031",
    "format": "ndjson",
    "bytes": 157,
    "crc32": 3421780262,
}
UPLOAD: dict[str, Any] = OPEN | {
    "source": "050340000008",
    "status": "RECEIVING",
    "received": 0,
    "lines": 0,
    "staged": 0,
    "refused": 0,
    "recorded": 0,
    "repeated": 0,
    "changed": 0,
    "hold_id": None,
    "created_at": "2026-04-06T04:00:00Z",
    "received_at": None,
    "finished_at": None,
}
OFFSET = HeaderParameter(
    name="Upload-Offset",
    ge=0,
    le=FILE_MAX,
    description="Where this piece begins: what the last answer called `received`.",
)


def _with_piece(name: str, summary: str, **told: Any) -> dict[str, Any]:
    """An operation that takes lines of a file as they are."""
    made = operation(name, summary, **told)
    described: Any = made["operation_class"]

    @dataclass
    class WithPiece(described):  # type: ignore[misc]
        """An operation whose body is bytes: the framework does not describe it by itself."""

        def __post_init__(self) -> None:
            text = Schema(type=OpenAPIType.STRING)
            media = {
                "application/x-ndjson": OpenAPIMediaType(schema=text, example=LINE),
                "text/csv": OpenAPIMediaType(schema=text, example=CSV),
            }
            self.request_body = RequestBody(content=media, required=True)
            super().__post_init__()

    return made | {"operation_class": WithPiece}


@post(
    "/mis/uploads",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "OpenUpload",
        "Announce a file of attachments",
        discloses="nothing",
        errors=(UploadDiffers,),
        body=OPEN,
        answer=UPLOAD,
    ),
)
async def open_upload(
    data: JSONBody[OpenUpload],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Upload:
    """Announce a file: NDJSON or CSV, a row a line, of any number of rows; its bytes and their CRC-32.

    A row has the fields of `/mis/attachments`. Announcing the same again shows how far it is.
    """
    return await service.open_upload(resources, actor, data)


@patch(
    "/mis/uploads/{upload_id:uuid}",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **_with_piece(
        "SendPiece",
        "Send a piece of a file",
        discloses="nothing",
        errors=(
            UploadNotFound,
            UploadComplete,
            OffsetMismatch,
            PieceTooLong,
            LineTooLong,
            HeaderInvalid,
        ),
        answer=UPLOAD | {"received": 157, "lines": 1, "staged": 1},
    ),
)
async def send_piece(
    upload_id: FromPath[UUID],
    offset: Annotated[int, OFFSET],
    body: RawBody,
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Upload:
    """Take the next bytes of the file, at most `SAQTAU_BODY_MAX_BYTES` of them.

    Whole lines are kept and the rest is not: the next piece begins at the answered `received`. So a
    connection that broke off costs nothing but the last piece. With the last byte the file is
    checked, weighed as a whole and applied; rows that cannot be taken wait under `/repairs`.
    """
    return await service.receive(resources, actor, upload_id, offset, body)


@get(
    "/mis/uploads/{upload_id:uuid}",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "GetUpload",
        "How far a file is",
        discloses="nothing",
        errors=(UploadNotFound,),
        answer=UPLOAD,
    ),
)
async def get_upload(
    upload_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Upload:
    """Show how much has come, how much is applied, and the hold where an officer is asked."""
    return await service.find(db, actor, upload_id)


@get(
    "/mis/uploads",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ListUploads",
        "Files of attachments",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [UPLOAD], "next": None},
    ),
)
async def list_uploads(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Upload]:
    """Show the files of this source, the newest id first; the registrar sees all."""
    before = paging.decode_uuid(cursor)
    rows = await service.uploads(db, actor, before=before, limit=limit + 1)
    return paging.page(rows, limit, lambda upload: upload.upload_id)
