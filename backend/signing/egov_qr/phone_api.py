"""What the eGov Mobile app calls: API 1, API 2 and the signed package back (ECP.md §4.1 to §4.3).

The app reads {"message": …} in its own language: 403 for whatever is refused, 503 with Retry-After
while nothing can be decided, 429 for haste.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, RawBody

from backend.kernel import strict_json
from backend.kernel.errors import Invalid, Refusal, TooMany, Unavailable
from backend.kernel.resources import Resources
from backend.signing.egov_qr import phone
from backend.signing.egov_qr.api import bearer_of
from backend.signing.egov_qr.errors import (
    LinkUnknown,
    LoginXmlWrong,
    PackageChanged,
    PackageExpired,
    PackageOver,
    SignatureReplayed,
    TokenWrong,
)
from backend.signing.egov_qr.model import Answer, Json, Name
from backend.signing.errors import (
    CertRevoked,
    NotSignerOfOrg,
    SignatureInvalid,
)
from backend.web import problems
from backend.web.addresses import OPEN_QUERY
from backend.web.bodies import BodyTooLarge
from backend.web.guards import public
from backend.web.openapi import operation

SUCCESS = "success"
_LINK_ERRORS = (LinkUnknown, PackageOver, PackageExpired)
_NO_STORE = {"cache-control": "no-store"}
_API_1 = {
    "description": "Акт № 17",
    "expiry_date": "2026-04-06T09:10:00.000+05:00",
    "organisation": {"nameRu": "…", "nameKz": "…", "nameEn": "…", "bin": "061211600012"},
    "document": {
        "uri": "https://saqtau.kz/api/v1/egov-qr/phone/Zm9v…/documents",
        "auth_type": "Token",
        "auth_token": "bG9n…",
    },
}
_API_2 = {
    "signMethod": "CMS_SIGN_ONLY",
    "version": 1,
    "documentsToSign": [
        {
            "id": 1,
            "nameRu": "Акт № 17",
            "nameKz": "№ 17 акт",
            "nameEn": "Act No. 17",
            "meta": [{"name": "Сома", "value": "1 250 000 ₸"}],
            "document": {"file": {"mime": "application/json", "data": "eyJv…"}},
        }
    ],
}


class SignedLogin(msgspec.Struct, frozen=True):
    """Auth type Eds: `<login><url/><timestamp/></login>`, signed; what else comes is passed over."""

    xml: str


def on_refusal(request: Request[Any, Any, Any], error: Refusal) -> Response[Any]:
    """Tell the app what was refused, in its language."""
    language = problems.language_of(request.headers.get("accept-language"))
    title, advice = problems.text(error.actual_code, language, error.facts)
    status, headers = 403, {"content-language": language, "vary": "accept-language"}
    if isinstance(error, (Unavailable, TooMany)):
        status = problems.status_of(error)
        headers["retry-after"] = str(error.retry_after_s or problems.RETRY_AFTER_S)
    message = title if title == advice else f"{title}. {advice}"
    return Response(
        msgspec.json.encode(Answer(message)),
        status_code=status,
        headers=headers,
        media_type=MediaType.JSON,
    )


_REFUSED: Any = {Refusal: on_refusal}


def organisation() -> Name:
    """Who asks for the signature, as the phone shows it."""
    return Name(*(problems.text("SIGN_ORGANISATION", lang, {})[0] for lang in ("kk", "ru", "en")))


def _operation(
    name: str,
    summary: str,
    errors: tuple[type[Refusal], ...],
    answer: Any,
    body: Json | None = None,
) -> dict[str, Any]:
    """As `operation`, with refusals as the app reads them, and a body that the handler reads raw.

    It is read raw, so that even a broken one is answered as the app expects. Only what the front
    refuses, before any handler, is a problem document here as well (422, 413).
    """
    before: tuple[type[Refusal], ...] = (Invalid,) if body is None else (Invalid, BodyTooLarge)
    kwargs = operation(
        name, summary, discloses="nothing", guarded=False, answer=answer, errors=before
    )
    kwargs["opt"] |= OPEN_QUERY
    by_status: dict[int, list[str]] = {
        403: [],
        503: ["SOURCE_UNAVAILABLE"],
        429: ["TOO_MANY_REQUESTS"],
    }
    by_status[403] += [e.code for e in errors]
    kwargs["responses"] |= {
        status: ResponseSpec(
            Answer,
            description=", ".join(f"`{c}`" for c in codes),
            generate_examples=False,
            examples=[
                Example(id=c, summary=c, value={"message": problems.text(c, "en", {})[0]})
                for c in codes
            ],
        )
        for status, codes in by_status.items()
    }
    if body is None:
        return kwargs
    base: type[Operation] = kwargs["operation_class"]

    @dataclass
    class WithBody(base):  # type: ignore[valid-type, misc]
        """An operation whose JSON body the handler reads itself."""

        def __post_init__(self) -> None:
            media = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT), example=body)
            self.request_body = RequestBody(content={"application/json": media}, required=True)
            super().__post_init__()

    return {**kwargs, "operation_class": WithBody}


@get(
    "/egov-qr/phone/{link:str}/mgovSign",
    guards=[public],
    tags=["eGov Mobile"],
    exception_handlers=_REFUSED,
    response_headers=_NO_STORE,
    **_operation("IntroduceToEgovMobile", "API 1: who asks for a signature", _LINK_ERRORS, _API_1),
)
async def introduce(
    link: FromPath[str], resources: NamedDependency[Resources], language: NamedDependency[str]
) -> Json:
    """Tell the app who asks and where the documents are. The page sees that the package is OPENED."""
    return await phone.introduce(resources, link, organisation(), language)


@get(
    "/egov-qr/phone/{link:str}/documents",
    guards=[public],
    tags=["eGov Mobile"],
    exception_handlers=_REFUSED,
    response_headers=_NO_STORE,
    **_operation(
        "GetDocumentsToSign",
        "API 2: the documents, for auth types Token and None",
        (*_LINK_ERRORS, TokenWrong),
        _API_2,
    ),
)
async def get_documents(
    link: FromPath[str],
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
) -> Json:
    """Give the documents to the bearer of the package's token."""
    return await phone.documents(resources, link, bearer_of(request))


@post(
    "/egov-qr/phone/{link:str}/documents",
    status_code=200,
    guards=[public],
    tags=["eGov Mobile"],
    exception_handlers=_REFUSED,
    response_headers=_NO_STORE,
    **_operation(
        "GetDocumentsToSignByEds",
        "API 2: the documents, for auth type Eds",
        (*_LINK_ERRORS, TokenWrong, LoginXmlWrong, NotSignerOfOrg),
        _API_2,
        {
            "xml": "<login><url>…</url><timestamp>…</timestamp><ds:Signature>…</ds:Signature></login>"
        },
    ),
)
async def get_documents_by_eds(
    link: FromPath[str], body: RawBody, resources: NamedDependency[Resources]
) -> Json:
    """Give the documents to whoever signed the login XML, if they may sign the documents."""
    try:
        login = msgspec.convert(_json(body), SignedLogin)
    except msgspec.ValidationError:
        raise LoginXmlWrong(path="xml") from None
    return await phone.documents_for(resources, link, login.xml)


@put(
    "/egov-qr/phone/{link:str}/documents",
    guards=[public],
    tags=["eGov Mobile"],
    exception_handlers=_REFUSED,
    **_operation(
        "ReturnSigned",
        "The same JSON as API 2, with signed values",
        (
            *_LINK_ERRORS,
            TokenWrong,
            PackageChanged,
            SignatureReplayed,
            SignatureInvalid,
            CertRevoked,
            NotSignerOfOrg,
        ),
        SUCCESS,
        _API_2,
    ),
)
async def return_signed(
    link: FromPath[str],
    body: RawBody,
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
) -> Response[str]:
    """Verify every document and keep the evidence; the package then serves nobody else."""
    await phone.take(resources, link, bearer_of(request), _json(body))
    answer: Response[Any] = Response(msgspec.json.encode(SUCCESS), media_type=MediaType.JSON)
    return answer


def _json(body: bytes) -> Any:
    try:
        return strict_json.parse(body)
    except (strict_json.NotJson, strict_json.BadJson):
        raise PackageChanged(path="$") from None


HANDLERS = [introduce, get_documents, get_documents_by_eds, return_signed]
