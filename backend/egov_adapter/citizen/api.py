"""Citizens sign in over HTTP."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.egov_adapter.citizen import service
from backend.egov_adapter.citizen.errors import (
    LoginUnclear,
    NotACitizen,
    OtpFrozen,
    OtpInvalid,
    PhoneInvalid,
)
from backend.egov_adapter.citizen.model import (
    AskOtp,
    CitizenLogin,
    CitizenSession,
    OtpAsked,
    RenewSession,
)
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import (
    CertRevoked,
    ChallengeInvalid,
    DocumentMalformed,
    RenewalRefused,
    RevocationUnknown,
    SignatureInvalid,
)
from backend.sources.exchange import SourceUnavailable
from backend.web.guards import address_of, public
from backend.web.openapi import operation

_SESSION = {
    "token": "kV1…",
    "expires_at": "2026-04-06T04:15:00Z",
    "scopes": ["COMPLAIN", "CONSENT", "EXTRACT", "READ", "VISIT"],
    "renewal": "p0Z…",
    "renewable_until": "2026-04-06T05:00:00Z",
}


@post(
    "/citizen/otp",
    status_code=202,
    guards=[public],
    tags=["egov"],
    **operation(
        "AskOtp",
        "Ask for a one-time password by SMS",
        discloses="nothing",
        guarded=False,
        errors=(IinInvalid, PhoneInvalid, OtpFrozen, SourceUnavailable),
        body={"iin": "900101300017", "phone": "+77011234567"},
        answer={"code_digits": 6, "expires_in_s": 180},
    ),
)
async def ask_otp(
    request: Request[Any, Any, Any],
    data: JSONBody[AskOtp],
    resources: NamedDependency[Resources],
    language: NamedDependency[str],
) -> OtpAsked:
    """Send a password if the number is registered to the person; the answer never tells whether."""
    return await service.ask_otp(resources, address_of(request), language, data)


@post(
    "/citizen/sessions",
    guards=[public],
    tags=["egov"],
    response_headers={"cache-control": "no-store"},  # so that no store keeps the token
    **operation(
        "SignInAsCitizen",
        "Sign in as a citizen, by one-time password or ECP",
        discloses="nothing",
        guarded=False,
        errors=(
            OtpInvalid,
            OtpFrozen,
            IinInvalid,
            PhoneInvalid,
            LoginUnclear,
            NotACitizen,
            InsuredNotFound,
            ConsentWithdrawnByPerson,
            SignatureInvalid,
            DocumentMalformed,
            CertRevoked,
            ChallengeInvalid,
            RevocationUnknown,
            SourceUnavailable,
        ),
        body={"iin": "900101300017", "phone": "+77011234567", "code": "123456"},
        answer=_SESSION,
    ),
)
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[CitizenLogin],
    resources: NamedDependency[Resources],
) -> CitizenSession:
    """Open a session with `iin`, `phone`, `code`, or with `challenge_id`, `signature`."""
    return await service.sign_in(resources, address_of(request), data)


@post(
    "/citizen/sessions/renewals",
    guards=[public],
    tags=["egov"],
    response_headers={"cache-control": "no-store"},
    **operation(
        "RenewCitizenSession",
        "The next token of a citizen's session",
        discloses="nothing",
        guarded=False,
        errors=(RenewalRefused,),
        body={"renewal": "p0Z…which came with the session"},
        answer=_SESSION,
    ),
)
async def renew(
    request: Request[Any, Any, Any],
    data: JSONBody[RenewSession],
    resources: NamedDependency[Resources],
) -> CitizenSession:
    """Give the next token for the word that came with this one; the word serves once, and the old token closes.

    The same word within ten seconds gets the same answer, if nothing was renewed after it; later it ends the session.
    """
    return await service.renew(resources, address_of(request), data)
