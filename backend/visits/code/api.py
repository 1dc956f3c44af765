"""QR codes over HTTP."""

from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, Actor, Role, Scope
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.visits.code import service
from backend.visits.code.errors import FacilityNotFound, FacilityShut, NotProduction
from backend.visits.code.model import FacilityCode, PersonalCode, PublicKey
from backend.web.guards import public, requires
from backend.web.openapi import operation

_KEY = {
    "key_number": 1,
    "algorithm": "Ed25519",
    "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "created_at": "2026-04-06T04:00:00Z",
    "retired_at": None,
}
_CODE = {
    "code_id": "01980000-0000-7000-8000-000000000001",
    "facility_id": "01980000-0000-7000-8000-000000000002",
    "code": "SQ1.putMFEvJ….tSSK9cJ7…",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" …/>',
    "issued_at": "2026-04-06T04:00:00Z",
}


@post(
    "/facilities/{facility_id:uuid}/code",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["visits"],
    **operation(
        "IssueFacilityCode",
        "Issue or rotate a facility's QR code",
        discloses="nothing",
        errors=(FacilityNotFound, NotProduction, FacilityShut, AccountNotOpen, AccountBlocked),
        answer=_CODE,
    ),
)
async def issue_code(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    keyring: NamedDependency[Keyring],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> FacilityCode:
    """Give the facility a new code; the one before opens nothing from this instant on."""
    return await service.issue(db, keyring, clock, actor, facility_id)


@get(
    "/facilities/{facility_id:uuid}/code",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    **operation(
        "GetFacilityCode",
        "The facility's live QR code",
        discloses="nothing",
        errors=(FacilityNotFound,),
        answer=_CODE,
    ),
)
async def get_code(
    facility_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> FacilityCode:
    """Show the code that hangs on the wall, to print it again."""
    return await service.live(db, actor, facility_id)


@delete(
    "/facilities/{facility_id:uuid}/code",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["visits"],
    **operation(
        "RevokeFacilityCode",
        "Withdraw a facility's QR code",
        discloses="nothing",
        errors=(FacilityNotFound,),
    ),
)
async def revoke_code(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> None:
    """Withdraw the live code without a new one; the facility is not ready for visits until it has one."""
    await service.revoke(db, clock, actor, facility_id)


@get(
    "/facilities/{facility_id:uuid}/code/poster",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    media_type="application/pdf",
    **operation(
        "PrintFacilityPoster",
        "The poster with the facility's QR code",
        discloses="nothing",
        errors=(FacilityNotFound, FacilityShut),
        answer="%PDF-1.7 …",
    ),
)
async def print_poster(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """An A4 page to hang at the reception, in Kazakh, Russian and English."""
    made = await service.poster(db, clock, actor, facility_id)
    return Response(
        made,
        media_type="application/pdf",
        headers={
            "content-disposition": 'inline; filename="saqtau-poster.pdf"',
            "cache-control": "no-store",
        },
    )


@get(
    "/public/qr-keys",
    guards=[public],
    tags=["visits"],
    **operation(
        "ListQrKeys",
        "Public keys of the QR codes",
        discloses="nothing",
        guarded=False,
        answer=[_KEY],
    ),
)
async def list_keys(db: NamedDependency[Db]) -> list[PublicKey]:
    """The keys with which anyone verifies a facility's code offline: over `SQ1.` and the raw payload."""
    return await service.public_keys(db)


@post(
    "/visits/qr-keys",
    guards=[requires(Role.REGISTRAR)],
    tags=["visits"],
    **operation(
        "RotateQrKey",
        "Sign QR codes with a new key",
        discloses="nothing",
        answer={**_KEY, "key_number": 2},
    ),
)
async def rotate_key(
    db: NamedDependency[Db],
    keyring: NamedDependency[Keyring],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> PublicKey:
    """Make the key that signs codes from now on; those on the walls stay good until they are replaced."""
    return await service.rotate_key(db, keyring, clock, actor)


@post(
    "/visits/personal-code",
    guards=[requires(Role.INSURED, scope=Scope.VISIT)],
    tags=["visits"],
    **operation(
        "MakePersonalCode",
        "My own QR code, for a minute",
        discloses="nothing",
        errors=(ConsentWithdrawnByPerson, FacilityNotFound),
        answer={
            "code": "SP2.AZgAAAAA….3q2-7w…",
            "svg": '<svg xmlns="http://www.w3.org/2000/svg" …/>',
            "expires_at": "2026-04-06T04:01:00Z",
        },
    ),
)
async def make_personal_code(
    db: NamedDependency[Db],
    keyring: NamedDependency[Keyring],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    facility_id: FromQuery[UUID | None] = None,
) -> PersonalCode:
    """Make a code to show at a clinic's desk: it serves once, for sixty seconds, at the desk that scans it first.

    With `facility_id` no other facility can use it at all.
    """
    return await service.personal(db, keyring, clock, actor, facility_id)
