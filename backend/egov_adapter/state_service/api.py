"""The state service over HTTP: its passport, and a person's requests with their results."""

from typing import Any, Final
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.egov_adapter.state_service import paper, service, words
from backend.egov_adapter.state_service.errors import (
    ConsentCodeWrong,
    ConsentUnknown,
    ConsentUsed,
    RequestNotFound,
    RequestRunning,
    ResultNotReady,
)
from backend.egov_adapter.state_service.model import (
    AskService,
    ConsentAsked,
    Passport,
    PassportRow,
)
from backend.egov_adapter.state_service.model import Request as ServiceRequest
from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import (
    SIGNING_ERRORS,
)
from backend.signing.evidence.model import SignedRequest
from backend.sources.exchange import SourceUnavailable
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page
from backend.web.problems import language_of

CITIZEN = [requires(Role.INSURED, scope=Scope.EXTRACT)]
CMS: Final = "application/cms"  # RFC 7193
_NO_STORE = {"cache-control": "no-store"}
_ID = "01980000-0000-7000-8000-000000000031"
_SIGNED = {"document": "eyJvcGVyYXRpb24iOi…", "signature": "MIIGzgYJKoZIhvcNAQcC…"}
_REQUEST = {
    "request_id": _ID,
    "certified_by": "OTP",
    "stage": "RECEIVED",
    "ground": None,
    "arrived_at": "2026-04-15T05:00:00Z",
    "accepted_at": "2026-04-15T05:00:00Z",
    "due_at": "2026-04-15T05:15:00Z",
    "finished_at": None,
}


# --- everybody ------------------------------------------------------------------------------------


@get(
    "/public/state-service",
    guards=[public],
    tags=["egov"],
    **operation(
        "GetStateServicePassport",
        "The state service's passport (Appendix 2)",
        discloses="nothing",
        guarded=False,
        answer={
            "name": "Information on participation in the system of mandatory social health insurance …",
            "aliases": ["Information on participation as a consumer of medical services …"],
            "rows": [
                {"no": 6, "name": "Fee and ways of collecting it", "content": "Free of charge"}
            ],
            "other": {"no": None, "name": "Other requirements", "content": "1) …"},
        },
    ),
)
async def passport(request: Request[Any, Any, Any]) -> Passport:
    """Tell what the service is, how long it takes, what it needs and why it may be refused."""
    language = language_of(request.headers.get("accept-language"))
    rows = [
        PassportRow(None if n == "OTHER" else int(n), *words.both_parts(f"PASSPORT_{n}", language))
        for n in words.ROWS
    ]
    return Passport(
        name=words.said("SERVICE_NAME", language),
        aliases=[words.said(alias, language) for alias in words.ALIASES],
        rows=rows[:-1],
        other=rows[-1],
    )


@get(
    "/public/state-service/pdf",
    guards=[public],
    tags=["egov"],
    media_type="application/pdf",
    **operation(
        "GetStateServicePassportPdf",
        "The passport on paper",
        discloses="nothing",
        guarded=False,
        answer="%PDF-1.7 …",
    ),
)
async def passport_pdf(resources: NamedDependency[Resources]) -> Response[bytes]:
    """Hand out Appendix 2 in Kazakh and Russian."""
    made = await paper.passport(resources.clock.now())
    return Response(made, media_type="application/pdf")


# --- the person -----------------------------------------------------------------------------------


@post(
    "/citizen/service-consents",
    status_code=202,
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "AskServiceConsent",
        "Ask for the SMS that gives consent to take my identity document",
        discloses="nothing",
        errors=(InsuredNotFound, SourceUnavailable),
        answer={"consent_id": _ID, "expires_at": "2026-04-15T05:03:00Z"},
    ),
)
async def ask_consent(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> ConsentAsked:
    """Let the digital-documents service send me its SMS: its code, or my reply to it, is my consent."""
    return await service.ask_consent(resources, await _own(resources, actor, "AskServiceConsent"))


@post(
    "/citizen/service-requests",
    status_code=202,
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "RequestService",
        "Ask for the state service, certified by one-time password",
        discloses="own",
        errors=(ConsentUnknown, ConsentCodeWrong, ConsentUsed, RequestRunning, SourceUnavailable),
        body={"consent_id": _ID, "code": "123456"},
        answer=_REQUEST,
    ),
)
async def ask(
    data: JSONBody[AskService],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> ServiceRequest:
    """Ask for the information on me; it lies in my cabinet within fifteen minutes of the issuer's hours."""
    person_id = await _own(resources, actor, "RequestService")
    return await service.ask(resources, actor, person_id, language, data)


@post(
    "/citizen/service-requests/signed",
    status_code=202,
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "RequestServiceSigned",
        "Ask for the state service, signed with my own ECP",
        discloses="own",
        errors=(
            *SIGNING_ERRORS,
            InsuredNotFound,
            ConsentUnknown,
            ConsentCodeWrong,
            ConsentUsed,
            RequestRunning,
            SourceUnavailable,
        ),
        body=_SIGNED,
        answer={**_REQUEST, "certified_by": "ECP"},
    ),
)
async def ask_signed(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> ServiceRequest:
    """Ask with the signed document `state_service.request`: consent_id, code."""
    person_id = await _own(resources, actor, "RequestServiceSigned")
    return await service.ask_signed(resources, actor, person_id, language, data)


@get(
    "/citizen/service-requests",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnServiceRequests",
        "My requests of the state service",
        discloses="own",
        errors=(BadCursor,),
        answer={"items": [_REQUEST], "next": None},
    ),
)
async def list_own(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ServiceRequest]:
    """List my requests, the newest first."""
    person_id = await _own(resources, actor, "ListOwnServiceRequests")
    return await service.own(resources.db.egov, person_id, cursor, limit)


@get(
    "/citizen/service-requests/{request_id:uuid}",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetOwnServiceRequest",
        "Where my request stands",
        discloses="own",
        errors=(RequestNotFound,),
        answer=_REQUEST,
    ),
)
async def one(
    request_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> ServiceRequest:
    """Tell the stage of one request, and the ground where it was refused."""
    person_id = await _own(resources, actor, "GetOwnServiceRequest")
    return await service.one(resources.db.egov, person_id, request_id)


@get(
    "/citizen/service-requests/{request_id:uuid}/json",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetServiceResultJson",
        "My result as data, exactly as it is sealed",
        discloses="own",
        errors=(RequestNotFound, ResultNotReady),
        answer={"schema": "saqtau-app3-v1", "consumer": True, "payments": []},
    ),
)
async def result_json(
    request_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the document of Appendix 3, or the refusal, octet for octet."""
    person_id = await _own(resources, actor, "GetServiceResultJson")
    file = await service.outcome(resources, person_id, request_id)
    return Response(file.octets, media_type=MediaType.JSON, headers=_NO_STORE)


@get(
    "/citizen/service-requests/{request_id:uuid}/seal",
    guards=CITIZEN,
    tags=["egov"],
    media_type=CMS,
    **operation(
        "GetServiceResultSeal",
        "The issuer's seal on my result",
        discloses="own",
        errors=(RequestNotFound, ResultNotReady),
        answer="MIIGzgYJKoZIhvcNAQcC…",
    ),
)
async def result_seal(
    request_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the detached CMS over the document."""
    person_id = await _own(resources, actor, "GetServiceResultSeal")
    file = await service.outcome(resources, person_id, request_id)
    return Response(file.cms, media_type=CMS, headers=_NO_STORE)


@get(
    "/citizen/service-requests/{request_id:uuid}/pdf",
    guards=CITIZEN,
    tags=["egov"],
    media_type="application/pdf",
    **operation(
        "GetServiceResultPdf",
        "My result on paper",
        discloses="own",
        errors=(RequestNotFound, ResultNotReady),
        answer="%PDF-1.7 …",
    ),
)
async def result_pdf(
    request_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the form of Appendix 3 in Kazakh and Russian, its data and seal inside."""
    person_id = await _own(resources, actor, "GetServiceResultPdf")
    file = await service.outcome(resources, person_id, request_id)
    made = await paper.pdf(resources, file.octets, file.cms)
    name = f'inline; filename="saqtau-{request_id}.pdf"'
    return Response(
        made, media_type="application/pdf", headers={**_NO_STORE, "content-disposition": name}
    )


async def _own(resources: Resources, actor: Actor, operation: str) -> UUID:
    now = resources.clock.now()
    return await access_records.record_own(resources.db.egov, actor, operation, at=now)
