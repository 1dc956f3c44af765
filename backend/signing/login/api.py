"""Signing in and out."""

from typing import Any

from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.errors import TooMany
from backend.kernel.resources import Resources
from backend.signing.errors import (
    CertRevoked,
    ChallengeInvalid,
    DocumentMalformed,
    NoSeat,
    RevocationUnknown,
    SignatureInvalid,
)
from backend.signing.login import service
from backend.signing.login.model import Challenge, SessionOpened, SignIn, WhoAmI
from backend.web.guards import address_of, public, requires
from backend.web.openapi import operation

EVERYONE = frozenset(Role)


@post(
    "/login/challenges",
    guards=[public],
    tags=["signing"],
    **operation(
        "CreateLoginChallenge",
        "Ask for bytes to sign in with",
        discloses="nothing",
        guarded=False,
        errors=(TooMany,),
        answer={
            "challenge_id": "01980000-0000-7000-8000-000000000001",
            "document": "eyJvcGVyYXRpb24iOiJsb2dpbiJ9",
            "expires_at": "2026-04-06T04:05:00Z",
        },
    ),
)
async def create_challenge(
    request: Request[Any, Any, Any], resources: NamedDependency[Resources]
) -> Challenge:
    """Give a challenge, good once and for five minutes. Sign its `document` with ECP as it is."""
    return await service.ask_challenge(resources, address_of(request))


@post(
    "/login/sessions",
    guards=[public],
    tags=["signing"],
    response_headers={"cache-control": "no-store"},  # so that no store keeps the token
    **operation(
        "SignIn",
        "Sign in with a signed challenge",
        discloses="nothing",
        guarded=False,
        errors=(
            SignatureInvalid,
            DocumentMalformed,
            CertRevoked,
            ChallengeInvalid,
            NoSeat,
            TooMany,
            RevocationUnknown,
        ),
        body={
            "challenge_id": "01980000-0000-7000-8000-000000000001",
            "signature": "MIIF…",
        },
        answer={
            "token": "kV1…",
            "roles": ["executor_head"],
            "expires_at": "2026-04-06T05:00:00Z",
        },
    ),
)
async def sign_in(
    request: Request[Any, Any, Any],
    data: JSONBody[SignIn],
    resources: NamedDependency[Resources],
) -> SessionOpened:
    """Open a session; the roles follow from the certificate and the organisation's BIN."""
    return await service.sign_in(resources, data, address_of(request))


@delete(
    "/login/session",
    guards=[requires(EVERYONE)],
    tags=["signing"],
    **operation("SignOut", "Sign out", discloses="nothing"),
)
async def sign_out(
    db: NamedDependency[Db], clock: NamedDependency[Clock], actor: NamedDependency[Actor]
) -> None:
    """Close this session; its token opens nothing any more."""
    await service.close(db, actor.session_id, at=clock.now())


@get(
    "/login/session",
    guards=[requires(EVERYONE)],
    tags=["signing"],
    **operation(
        "GetSession",
        "Who am I, and what may I do",
        discloses="nothing",
        answer={"roles": ["executor_head"], "bin": "061211600012"},
    ),
)
async def who_am_i(actor: NamedDependency[Actor]) -> WhoAmI:
    """Tell the roles of this session."""
    return WhoAmI(roles=sorted(actor.roles), bin=actor.bin)
