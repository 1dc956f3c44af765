"""Statements and bookings over HTTP."""

from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments import examples
from backend.payments.examples import SIGNED
from backend.payments.treasury.order.api import PAYERS
from backend.payments.treasury.order.service.sign import SIGNERS
from backend.payments.treasury.statement import service
from backend.payments.treasury.statement.errors import (
    BookingNotFound,
    BookingSettled,
    StatementNotFound,
)
from backend.payments.treasury.statement.model import (
    Booking,
    ExplainBooking,
    Reconciliation,
    StatementRow,
)
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, decode_uuid, page


@get(
    "/treasury/reconciliation",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetReconciliation",
        "Do our books agree with the Treasury's",
        discloses="nothing",
        answer={
            "ok": True,
            "feed": {"number": 12, "problem": None, "problem_at": None},
            "bookings": [{"status": "MATCHED", "bookings": 65, "amount_tiyn": 10939500000}],
            "not_booked": [],
            "closed_on": "2026-06-03",
            "closing_tiyn": 499876543300,
        },
    ),
)
async def get_reconciliation(db: NamedDependency[Db]) -> Reconciliation:
    """How far statements were read, what agrees, what waits for a person, what no statement names."""
    return await service.reconciliation(db)


@get(
    "/treasury/bookings",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListBookings",
        "Movements on the cash control account",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [examples.BOOKING], "next": None},
    ),
)
async def list_bookings(
    db: NamedDependency[Db],
    show: FromQuery[Literal["open", "all"]] = "open",
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Booking]:
    """`show=open`: those that do not agree with our books, the officer's queue; `all`: every one."""
    after = decode_uuid(cursor)
    rows = await service.bookings(db, after, limit + 1, only_open=show == "open")
    return page(rows, limit, lambda b: b.booking_id)


@post(
    "/treasury/bookings/{booking_id:uuid}/explanation",
    status_code=200,
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "ExplainBooking",
        "Say what a booking that does not agree is",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, BookingNotFound, BookingSettled),
        body=SIGNED,
        answer={
            **examples.BOOKING,
            "status": "EXPLAINED",
            "explanation": "Қазынашылықтың қате жазбасы, 2026-06-04 № 17 хатпен жойылды",
            "explained_at": "2026-06-04T05:00:00Z",
        },
    ),
)
async def explain_booking(
    booking_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Booking:
    """Signed (`booking.explain`): booking_id, explanation. It moves no money: documents do."""
    signed = await evidence.accept(resources, actor, data, ExplainBooking, roles=SIGNERS)
    if signed.command.booking_id != booking_id:
        raise DocumentMalformed(path="$.booking_id", detail="not the one of this address")
    return await service.explain(resources, actor, signed)


@get(
    "/treasury/statements",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListStatements",
        "Statements of the cash control account",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [examples.STATEMENT], "next": None},
    ),
)
async def list_statements(
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[StatementRow]:
    """Statements (camt.053) and notifications (camt.054) by the Treasury's number."""
    rows = await service.statements(db, decode_int(cursor) or 0, limit + 1)
    return page(rows, limit, lambda s: s.number)


@get(
    "/treasury/statements/{statement_id:uuid}/content",
    guards=[requires(ISSUER)],
    media_type="application/xml",
    tags=["payments"],
    **operation(
        "GetStatementContent",
        "A statement byte for byte",
        discloses="nothing",
        errors=(StatementNotFound,),
        answer='<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">…</Document>',
    ),
)
async def get_statement_content(
    statement_id: FromPath[UUID], db: NamedDependency[Db]
) -> Response[bytes]:
    """The XML as the Treasury sent it."""
    raw = await service.content(db, statement_id)
    return Response(raw, media_type="application/xml")


HANDLERS = [
    get_reconciliation,
    list_bookings,
    explain_booking,
    list_statements,
    get_statement_content,
]
