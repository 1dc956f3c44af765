"""Protocols over HTTP: drafted by the issuer, signed by every member, printed."""

from typing import cast
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from backend.kernel.actor import COMMISSION, EXECUTOR, ISSUER, Actor
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.payments.examples import SHA256
from backend.payments.monitoring import printing
from backend.payments.monitoring.commands import (
    SignProtocol,
)
from backend.payments.monitoring.errors import (
    AlreadySigned,
    DefectUnknown,
    EarlierUnassessed,
    MonitoringNotFound,
    MonitoringStateWrong,
    NotAMember,
    OutsidePowers,
    ProtocolInvalid,
    ProtocolNotFound,
    ProtocolSuperseded,
    ProtocolUnsigned,
)
from backend.payments.monitoring.examples import (
    CONTENT,
    DRAFT,
    FINDING,
    MONITORING,
    PROTOCOL_ID,
    VERSION,
)
from backend.payments.monitoring.model import (
    Finding,
    Monitoring,
    ProtocolContent,
    ProtocolVersion,
)
from backend.payments.monitoring.protocol_text import DraftProtocol
from backend.payments.monitoring.service import protocol, read
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, page

MEMBERS = ISSUER | COMMISSION
READERS = MEMBERS | EXECUTOR


class Drafted(Struct, frozen=True):
    """A text to be signed."""

    protocol_id: UUID
    version: int
    content_sha256: str


class SignedByOne(Struct, frozen=True):
    """The monitoring after a signature, and how many are missing."""

    monitoring: Monitoring
    missing: int


@put(
    "/monitorings/{monitoring_id:uuid}/protocol",
    guards=[requires(ISSUER)],
    tags=["monitoring"],
    **operation(
        "DraftProtocol",
        "Write the protocol",
        discloses="nothing",
        errors=(
            MonitoringNotFound, MonitoringStateWrong, ProtocolInvalid, DefectUnknown, OutsidePowers,
            EarlierUnassessed,
        ),
        body=DRAFT,
        answer={"protocol_id": PROTOCOL_ID, "version": 1, "content_sha256": SHA256},
    ),
)  # fmt: skip
async def draft(
    monitoring_id: FromPath[UUID],
    data: JSONBody[DraftProtocol],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Drafted:
    """Blocks 2-4; the facts are the service's own. A changed text starts the signatures anew.

    Every earlier recommendation to these executors is spoken of in `earlier` (M §21(3)).
    """
    row = await protocol.draft(resources, actor, monitoring_id, data)
    return Drafted(row.protocol_id, row.version, row.content_sha256)


@get(
    "/monitorings/{monitoring_id:uuid}/protocols",
    guards=[requires(MEMBERS)],
    tags=["monitoring"],
    **operation(
        "ListProtocols",
        "Texts of a protocol",
        discloses="nothing",
        errors=(MonitoringNotFound,),
        answer=[VERSION],
    ),
)
async def list_versions(
    monitoring_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[ProtocolVersion]:
    """Every version and how many signed it; those before stay as they were."""
    return await read.versions(db, actor, monitoring_id)


@get(
    "/protocols/{protocol_id:uuid}/content",
    guards=[requires(MEMBERS)],
    tags=["monitoring"],
    **operation(
        "GetProtocolContent",
        "The exact bytes of a protocol",
        discloses="nothing",
        errors=(ProtocolNotFound,),
        answer=CONTENT,
    ),
)
async def get_content(
    protocol_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ProtocolContent:
    """Sign these bytes, detached."""
    return await read.content(db, actor, protocol_id)


@post(
    "/protocols/{protocol_id:uuid}/signature",
    status_code=200,
    guards=[requires(MEMBERS)],
    tags=["monitoring"],
    **operation(
        "SignProtocol",
        "Sign a protocol as a member",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS, ProtocolNotFound, NotAMember, AlreadySigned, ProtocolSuperseded,
            MonitoringStateWrong,
        ),
        body={"signature": "MIIF…"},
        answer={"monitoring": {**MONITORING, "status": "PROTOCOL_DRAFT"}, "missing": 4},
    ),
)  # fmt: skip
async def sign(
    protocol_id: FromPath[UUID],
    data: JSONBody[SignProtocol],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> SignedByOne:
    """In any order, each with his own ECP. With the last signature the findings are confirmed."""
    found, missing = await protocol.sign(resources, actor, protocol_id, data.signature)
    return SignedByOne(found, missing)


@get(
    "/protocols/{protocol_id:uuid}/pdf",
    guards=[requires(READERS)],
    tags=["monitoring"],
    media_type="application/pdf",
    **operation(
        "PrintProtocol",
        "A protocol as PDF",
        discloses="nothing",
        errors=(ProtocolNotFound, AccountNotOpen),
        answer="%PDF-1.7…",
    ),
)
async def print_protocol(
    protocol_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[bytes]:
    """In the reader's language, the signed bytes attached; for an executor what concerns it."""
    sheet = await read.sheet(db, actor, protocol_id)
    made = await printing.printed(
        sheet.monitoring,
        sheet.row,
        sheet.members,
        sheet.defects,
        cast(Language, language),
        only=sheet.only,
    )
    return Response(made, media_type="application/pdf")


@get(
    "/monitorings/{monitoring_id:uuid}/findings",
    guards=[requires(READERS)],
    tags=["monitoring"],
    **operation(
        "ListFindings",
        "Confirmed non-conformities",
        discloses="nothing",
        errors=(MonitoringNotFound, ProtocolUnsigned, AccountNotOpen, BadCursor),
        answer={"items": [FINDING], "next": None},
    ),
)
async def list_findings(
    monitoring_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Finding]:
    """What every member signed; an executor sees its own."""
    after = decode_int(cursor) or 0
    rows = await read.findings(db, actor, monitoring_id, language, after, limit + 1)
    return page(rows, limit, lambda row: row.no)


HANDLERS = [draft, list_versions, get_content, sign, print_protocol, list_findings]
