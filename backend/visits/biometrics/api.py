"""Biometric sessions over HTTP."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.resources import Resources
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.sources.exchange import SourceUnavailable
from backend.visits.biometrics import service
from backend.visits.biometrics.errors import CallbackConflict, CallbackUnsigned, SessionUnknown
from backend.visits.biometrics.model import Callback, CallbackTaken, SessionStarted
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


@post(
    "/biometrics/callbacks",
    status_code=200,
    guards=[public],
    tags=["visits"],
    **operation(
        "TakeBiometricResult",
        "The provider's signed result",
        discloses="nothing",
        guarded=False,
        errors=(CallbackUnsigned, SessionUnknown, CallbackConflict),
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
    return await service.take(
        resources,
        request.headers.get("x-timestamp", ""),
        request.headers.get("x-signature", ""),
        await request.body(),
    )
