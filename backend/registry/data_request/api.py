"""Requests for data over HTTP: the registrar asks and enters answers, the ministry reads too."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.ids import BinInvalid
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.data_request import service
from backend.registry.data_request.errors import (
    DataRequestAnswered,
    DataRequestDates,
    DataRequestPersonal,
    DataRequestUnknown,
)
from backend.registry.data_request.model import AskForData, EnterAnswer, StoredRequest
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import operation
from backend.web.paging import Page

_PAGE = 50
REQUEST = {
    "request_id": "01980000-0000-7000-8000-0000000000d5",
    "number": "2026-DEREK-00001",
    "body_bin": "061211600012",
    "body_name": "Астана қаласының әкімдігі",
    "purpose": "CLARIFY",
    "asked": "Қосымшада аталған ғимараттардың мекенжайларын нақтылауды сұраймыз",
    "asked_at": "2026-04-06T04:00:00Z",
    "asked_by": "registrar:061211600012",
    "answers": [
        {
            "no": 1,
            "outcome": "GIVEN",
            "answered_on": "2026-04-13",
            "paper": {
                "number": "12-34/567",
                "issued_on": "2026-04-13",
                "issued_by": "Астана қаласының әкімдігі",
            },
            "entered_at": "2026-04-14T05:00:00Z",
        }
    ],
}


@post(
    "/data-requests",
    status_code=201,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "AskForData",
        "Ask a state body for data in writing",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, BinInvalid, DataRequestPersonal),
        body=SIGNED,
        answer=REQUEST | {"answers": []},
    ),
)
async def ask(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> StoredRequest:
    """Register a signed `data_request.ask` {body_bin, body_name, purpose, asked}: free of charge (M §25)."""
    signed = await evidence.accept(resources, actor, data, AskForData)
    return await service.ask(resources, actor, signed)


@post(
    "/data-requests/answers",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "EnterDataAnswer",
        "Enter what a state body answered",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DataRequestUnknown, DataRequestAnswered, DataRequestDates),
        body=SIGNED,
        answer=REQUEST,
    ),
)
async def answer(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> StoredRequest:
    """Enter a signed `data_request.answer` {request_id, outcome, answered_on, paper}."""
    signed = await evidence.accept(resources, actor, data, EnterAnswer)
    return await service.answer(resources, actor, signed)


@get(
    "/data-requests",
    guards=[requires(Role.REGISTRAR, Role.MOH)],
    tags=["registry"],
    **operation(
        "ListDataRequests",
        "Whom the registrar asked for data, and what came of it",
        discloses="nothing",
        errors=(paging.BadCursor,),
        answer={"items": [REQUEST], "next": None},
    ),
)
async def list_requests(
    db: NamedDependency[Db],
    waiting: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Page[StoredRequest]:
    """Requests, newest first; `waiting=true`: those a body still owes an answer to."""
    rows = await service.listed(db, waiting, paging.decode_uuid(cursor), _PAGE + 1)
    return paging.page(rows, _PAGE, lambda row: row.request_id)
