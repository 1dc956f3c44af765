"""Blocking, unblocking and closing over HTTP."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.account.errors import AccountNotOpen
from backend.registry.person.errors import InsuredNotFound
from backend.registry.restriction import service
from backend.registry.restriction.errors import (
    AccountStatusWrong,
    GroundNotApplicable,
    WhoseAccount,
)
from backend.registry.restriction.model import Block, Close, Restricted, Unblock
from backend.web.guards import requires
from backend.web.openapi import operation

BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
SUBJECT = "01980000-0000-7000-8000-000000000010"
ERRORS = (
    WhoseAccount,
    InsuredNotFound,
    AccountNotOpen,
    GroundNotApplicable,
    AccountStatusWrong,
)


@post(
    "/accounts/block",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "BlockAccount",
        "Block an account",
        discloses="person",
        errors=ERRORS,
        body={"bin": "090440002224", "ground": "B3", "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "BLOCKED"},
    ),
)
async def block(
    data: JSONBody[Block],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Block on a ground B1-B3 (M §33): an executor can no longer act, a policy not be used."""
    return await service.restrict(resources, actor, data)


@post(
    "/accounts/unblock",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "UnblockAccount",
        "Unblock an account",
        discloses="person",
        errors=ERRORS,
        body={"bin": "090440002224", "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "OPEN"},
    ),
)
async def unblock(
    data: JSONBody[Unblock],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Unblock on an act of an entitled state body (M §33)."""
    return await service.restrict(resources, actor, data)


@post(
    "/accounts/close",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CloseAccount",
        "Close an account for ever",
        discloses="person",
        errors=ERRORS,
        body={"bin": "090440002224", "ground": "C2", "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "CLOSED"},
    ),
)
async def close(
    data: JSONBody[Close],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Close on a ground C1, C2 (M §34, D12): the insured's live policies are cancelled."""
    return await service.restrict(resources, actor, data)
