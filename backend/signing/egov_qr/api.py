"""Signing by QR over HTTP: the party that asks for signatures, and its waiting page."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.kernel.actor import COMMISSION, EXECUTOR, ISSUER, Actor, Role
from backend.kernel.resources import Resources
from backend.signing.egov_qr import service, watch
from backend.signing.egov_qr.errors import (
    MethodNotSupported,
    PackageBad,
    PackageNotFound,
    PackageNotSigned,
    PackageOver,
)
from backend.signing.egov_qr.model import (
    NewPackage,
    PackageOffered,
    PackageRow,
    PackageState,
    SignedPackage,
    Status,
)
from backend.web.guards import address_of, public, requires
from backend.web.openapi import operation

PARTIES = ISSUER | EXECUTOR | COMMISSION | {Role.REGISTRAR, Role.TREASURY}
WAIT_MAX_S = 30
_ID = "01980000-0000-7000-8000-000000000001"
_NAME = {"kk": "№ 17 акт", "ru": "Акт № 17", "en": "Act No. 17"}
_ENTRY = "https://saqtau.kz/api/v1/egov-qr/phone/Zm9v…/mgovSign"
_OFFERED = {
    "package_id": _ID,
    "status": "PENDING",
    "expires_at": "2026-04-06T04:10:00Z",
    "qr_text": f"mobileSign:{_ENTRY}",
    "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" …/>',
    "links": {
        "egov_mobile": "https://m.egov.kz/mobileSign/?link=https%3A%2F%2Fsaqtau.kz%2F…",
        "egov_business": "https://m.egov.kz/businessSign/?link=https%3A%2F%2Fsaqtau.kz%2F…",
        "direct": f"mobileSign:{_ENTRY}",
    },
    "watch_token": None,
}
_STATE = {
    "package_id": _ID,
    "status": "OPENED",
    "expires_at": "2026-04-06T04:10:00Z",
    "last_refusal": None,
}
_GUEST = "A guest who signs in shows the `watch_token` as bearer token instead of a session's."
_NO_STORE = {"cache-control": "no-store"}


class Asker(msgspec.Struct, frozen=True):
    """Who follows a package: the session's actor, or a guest with a watch token."""

    actor: Actor | None
    watch_token: str | None


def asker_of(request: Request[Any, Any, Any]) -> Asker:
    """Who asks; that nobody does is refused by the package, which is then not found."""
    return Asker(request.scope.get("user"), bearer_of(request))


def bearer_of(request: Request[Any, Any, Any]) -> str | None:
    """The bearer token of the request, whatever it opens."""
    kind, _, token = (request.headers.get("authorization") or "").partition(" ")
    return token if kind.lower() == "bearer" and 0 < len(token) <= 100 else None


@post(
    "/egov-qr/packages",
    guards=[requires(PARTIES)],
    tags=["signing"],
    **operation(
        "OfferForSigning",
        "Offer documents for signing with eGov Mobile",
        discloses="nothing",
        errors=(PackageBad, MethodNotSupported),
        body={
            "operation": "act.submit",
            "description": _NAME,
            "sign_method": "CMS_SIGN_ONLY",
            "auth_type": "Token",
            "roles": ["head", "signatory"],
            "documents": [
                {
                    "name": _NAME,
                    "content": "eyJvcGVyYXRpb24iOiJhY3Quc3VibWl0In0=",
                    "mime": "application/json",
                    "meta": [{"name": "Сома", "value": "1 250 000 ₸"}],
                }
            ],
        },
        answer=_OFFERED,
    ),
)
async def offer(
    data: JSONBody[NewPackage],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> PackageOffered:
    """Offer up to 20 documents for ten minutes. Show the QR, or on the phone itself the links."""
    return await service.offer(resources, actor, data)


@post(
    "/egov-qr/logins",
    guards=[public],
    tags=["signing"],
    response_headers=_NO_STORE,
    **operation(
        "OfferLogin",
        "Sign in with eGov Mobile by QR",
        discloses="nothing",
        guarded=False,
        answer={**_OFFERED, "watch_token": "kV1…"},
    ),
)
async def offer_login(
    request: Request[Any, Any, Any], resources: NamedDependency[Resources]
) -> PackageOffered:
    """Offer a login challenge. Once SIGNED, the signed package is the body of `POST /login/sessions`."""
    return await service.offer_login(resources, address_of(request))


@get(
    "/egov-qr/packages/{package_id:uuid}",
    guards=[public],
    tags=["signing"],
    response_headers=_NO_STORE,
    **operation(
        "GetSigningState",
        "What became of a package",
        discloses="nothing",
        guarded=False,
        errors=(PackageNotFound,),
        answer=_STATE,
    ),
    description=f"With `after` and `wait_s` the answer waits for another state. {_GUEST}",
)
async def get_state(
    package_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
    after: FromQuery[Status | None] = None,
    wait_s: Annotated[int, QueryParameter(ge=0, le=WAIT_MAX_S)] = 0,
) -> PackageState:
    """Tell the state; with `after`, as soon as it is another one or `wait_s` have passed."""
    package = await _find(resources, package_id, request)
    state = watch.state_of(package, resources.clock.now())
    if wait_s and state.status is after:
        changed = await watch.changed(resources, package, wait_s)
        if changed is None:
            raise PackageNotFound
        state = watch.state_of(changed, resources.clock.now())
    return state


@get(
    "/egov-qr/packages/{package_id:uuid}/events",
    guards=[public],
    tags=["signing"],
    media_type="text/event-stream",
    **operation(
        "FollowSigning",
        "Follow a package as it is signed",
        discloses="nothing",
        guarded=False,
        errors=(PackageNotFound,),
        answer='event: status\ndata: {"package_id": "…", "status": "OPENED", …}\n\n',
    ),
    description="Server-sent events named `status`, each with the state as JSON; the stream ends "
    f"with the package. {_GUEST}",
)
async def follow(
    package_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
) -> ServerSentEvent:
    """Send each state as it comes."""
    package = await _find(resources, package_id, request)

    async def messages() -> AsyncIterator[ServerSentEventMessage]:
        async for state in watch.states(resources, package):
            if state is None:
                yield ServerSentEventMessage(data=None, comment="…")
            else:
                body = msgspec.json.encode(state)
                yield ServerSentEventMessage(data=body.decode(), event="status")

    return ServerSentEvent(messages())


@get(
    "/egov-qr/packages/{package_id:uuid}/signed",
    guards=[public],
    tags=["signing"],
    response_headers=_NO_STORE,
    **operation(
        "GetSigned",
        "Fetch what was signed",
        discloses="nothing",
        guarded=False,
        errors=(PackageNotFound, PackageNotSigned),
        answer={
            "package_id": _ID,
            "purpose": "operation",
            "operation": "act.submit",
            "documents": [
                {
                    "id": 1,
                    "evidence_id": "01980000-0000-7000-8000-000000000002",
                    "request": {
                        "document": "eyJvcGVyYXRpb24iOiJhY3Quc3VibWl0In0=",
                        "signature": "MIIF…",
                    },
                    "xml": None,
                }
            ],
            "challenge_id": None,
            "signature": None,
        },
    ),
    description=f"Each `request` is ready for the operation's own address. {_GUEST}",
)
async def get_signed(
    package_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
) -> SignedPackage:
    """Give the signed requests, for a day."""
    asker = asker_of(request)
    return await service.signed(resources, package_id, asker.actor, asker.watch_token)


@delete(
    "/egov-qr/packages/{package_id:uuid}",
    status_code=200,
    guards=[public],
    tags=["signing"],
    **operation(
        "WithdrawFromSigning",
        "Take an offer back",
        discloses="nothing",
        guarded=False,
        errors=(PackageNotFound, PackageOver),
        answer={**_STATE, "status": "REFUSED"},
    ),
    description=f"Nobody can sign it any more. {_GUEST}",
)
async def withdraw(
    package_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
) -> PackageState:
    """Take the package back."""
    asker = asker_of(request)
    return await service.withdraw(resources, package_id, asker.actor, asker.watch_token)


async def _find(
    resources: Resources, package_id: UUID, request: Request[Any, Any, Any]
) -> PackageRow:
    asker = asker_of(request)
    return await service.find(resources, package_id, asker.actor, asker.watch_token)
