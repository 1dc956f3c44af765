"""Biometric sessions over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.errors import Invalid
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.sources.biometrics import jws, signed_json
from backend.sources.biometrics.errors import CallbackUnsigned
from backend.sources.biometrics.signed_json import Callback
from backend.sources.exchange import SourceUnavailable
from backend.visits.biometrics import service
from backend.visits.biometrics.errors import CallbackConflict, SessionOver, SessionUnknown
from backend.visits.biometrics.model import CallbackTaken, SessionStarted, SessionState
from backend.web.guards import public, requires
from backend.web.openapi import operation

_SESSION = "01980000-0000-7000-8000-000000000001"


@post(
    "/visits/biometrics",
    guards=[requires(Role.INSURED, scope=Scope.VISIT)],
    tags=["visits"],
    **operation(
        "StartBiometricSession",
        "Start a biometric session",
        discloses="nothing",
        errors=(ConsentWithdrawnByPerson, SourceUnavailable),
        answer={"session_id": _SESSION, "provider_url": "https://biometrics.example/s/7f3a"},
    ),
)
async def start_session(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> SessionStarted:
    """Open a session with the provider; go on at `provider_url`, then check in with the session."""
    return await service.start(resources, actor)


@get(
    "/visits/biometrics/{session_id:uuid}",
    guards=[requires(Role.INSURED)],
    tags=["visits"],
    **operation(
        "GetBiometricSession",
        "How my biometric session stands",
        discloses="own",
        errors=(SessionUnknown,),
        answer={
            "session_id": _SESSION,
            "provider": "default",
            "started_at": "2026-04-06T04:00:00Z",
            "outcome": "MATCH",
            "liveness": True,
            "finished_at": "2026-04-06T04:00:21Z",
        },
    ),
)
async def get_session(
    session_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> SessionState:
    """Tell whether the provider has called back; a session that ended with MATCH serves for ten minutes."""
    db, now = resources.db.visits, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "GetBiometricSession", at=now)
    return await service.own(db, person_id, session_id)


@post(
    "/biometrics/callbacks",
    status_code=200,
    guards=[public],
    tags=["visits"],
    **operation(
        "TakeBiometricResult",
        "The result of the provider of signed JSON",
        discloses="nothing",
        guarded=False,
        errors=(CallbackUnsigned, SessionUnknown, SessionOver, CallbackConflict),
        body={
            "session_id": _SESSION,
            "outcome": "MATCH",
            "liveness": True,
            "score_milli": 972,
            "evidence_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
        answer={"session_id": _SESSION, "repeated": False},
    ),
)
async def take_result(
    request: Request[Any, Any, Any],
    data: JSONBody[Callback],
    resources: NamedDependency[Resources],
) -> CallbackTaken:
    """Take the result of a session. `X-Signature` is HMAC-SHA-256 over `X-Timestamp`, a dot, the body."""
    del data  # its shape, for the OpenAPI; what is read is exactly the bytes verified
    return await service.take(resources, signed_json.NAME, request.headers, await request.body())


@post(
    "/biometrics/callbacks/jws",
    status_code=200,
    guards=[public],
    tags=["visits"],
    **operation(
        "TakeBiometricToken",
        "The result of the provider of signed tokens",
        discloses="nothing",
        guarded=False,
        errors=(Invalid, CallbackUnsigned, SessionUnknown, SessionOver, CallbackConflict),
        answer={"session_id": _SESSION, "repeated": False},
    ),
    description="The body is one compact JWS (`application/jose`) over Ed25519 with the claims `aud`, `iat`, "
    "`reference`, `verdict`, `similarity`, `proof`.",
)
async def take_token(
    request: Request[Any, Any, Any], resources: NamedDependency[Resources]
) -> CallbackTaken:
    """Take the result of a session from the provider that signs tokens."""
    return await service.take(resources, jws.NAME, request.headers, await request.body())
