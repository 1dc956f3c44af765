"""Blocking, unblocking, closing and correcting over HTTP."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import EXECUTOR, ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.errors import AccountNotOpen
from backend.registry.person.errors import InsuredNotFound
from backend.registry.restriction.errors import (
    AccountStatusWrong,
    AccountUnsettled,
    Article98Missing,
    FactWrong,
    GroundNeeded,
    GroundNotApplicable,
    NotReversible,
    WhoseAccount,
)
from backend.registry.restriction.model import (
    Block,
    Close,
    Correct,
    Reason,
    Restricted,
    Settlement,
    Standing,
    Unblock,
    Whose,
)
from backend.registry.restriction.service import account, restrict
from backend.registry.restriction.service import correct as corrections
from backend.web.guards import requires
from backend.web.openapi import operation

BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
SUBJECT = "01980000-0000-7000-8000-000000000010"
BIN = "090440002224"
WHOSE = (WhoseAccount, InsuredNotFound, AccountNotOpen)


@post(
    "/accounts/block",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "BlockAccount",
        "Block an account",
        discloses="person",
        errors=(*WHOSE, GroundNotApplicable, FactWrong, Article98Missing, AccountStatusWrong),
        body={
            "bin": BIN,
            "ground": "B3",
            "article_98": "Арнаулы шоттағы қаражатқа өндіріп алу қолданылмайды",
            "basis": BASIS,
        },
        answer={"subject_id": SUBJECT, "status": "BLOCKED"},
    ),
)
async def block(
    data: JSONBody[Block],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Block on a ground B1-B3 (M §33): an executor can no longer act, a policy not be used.

    A blocked account may get one more ground; each is lifted by an act of its own.
    """
    return await restrict.block(resources, actor, data)


@post(
    "/accounts/unblock",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "UnblockAccount",
        "Unblock an account",
        discloses="person",
        errors=(*WHOSE, AccountStatusWrong, GroundNeeded, GroundNotApplicable),
        body={"bin": BIN, "ground": "B3", "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "OPEN"},
    ),
)
async def unblock(
    data: JSONBody[Unblock],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Lift a ground on an act of an entitled state body (M §33); with the last the account opens."""
    return await restrict.unblock(resources, actor, data)


@post(
    "/accounts/close",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CloseAccount",
        "Close an account for ever",
        discloses="person",
        errors=(*WHOSE, GroundNotApplicable, FactWrong, AccountStatusWrong, AccountUnsettled),
        body={"bin": BIN, "ground": "C2", "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "CLOSED"},
    ),
)
async def close(
    data: JSONBody[Close],
    resources: NamedDependency[Resources],
    settlement: NamedDependency[Settlement],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Close on a ground C1, C2 when all acts are settled (M §34, D12); live policies are cancelled.

    On a death the account closes by itself thirty days after it was blocked.
    """
    return await restrict.close(resources, settlement, actor, data)


@post(
    "/accounts/corrections",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CorrectAccount",
        "Reverse an operation made in error",
        discloses="person",
        errors=(*WHOSE, NotReversible),
        body={"bin": BIN, "seq": 7, "basis": BASIS},
        answer={"subject_id": SUBJECT, "status": "OPEN"},
    ),
)
async def correct(
    data: JSONBody[Correct],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Restricted:
    """Reverse a blocking, unblocking or closing by a new operation that names it (D2)."""
    return await corrections.correct(resources, actor, data)


@post(
    "/accounts/standing",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ShowAccountStanding",
        "An account's status and what blocks it",
        discloses="person",
        errors=WHOSE,
        body={"bin": BIN},
        answer={
            "subject_id": SUBJECT,
            "status": "BLOCKED",
            "restrictions": [
                {
                    "subject_id": SUBJECT,
                    "restriction_id": "01980000-0000-7000-8000-000000000080",
                    "ground": "B2",
                    "fact": "LIQUIDATION",
                    "basis_id": "gbd_ul:01980000-0000-7000-8000-000000000081",
                    "basis": BASIS,
                    "article_98": None,
                    "blocked_at": "2026-04-06T04:00:00Z",
                    "close_due_at": None,
                }
            ],
        },
    ),
)
async def standing(
    data: JSONBody[Whose],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Standing:
    """Show the registrar every ground that stands, and when the account closes by itself."""
    return await restrict.show(resources, actor, data)


@get(
    "/organisations/me/restrictions",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["registry"],
    **operation(
        "ListOwnRestrictions",
        "Why the own account is blocked",
        discloses="nothing",
        errors=(AccountNotOpen,),
        answer=[{"ground": "B2", "fact": "LIQUIDATION", "blocked_at": "2026-04-06T04:00:00Z"}],
    ),
)
async def own(db: NamedDependency[Db], actor: NamedDependency[Actor]) -> list[Reason]:
    """Tell an organisation every ground on which its account is blocked."""
    organisation = await accounts.require(db, actor.bin or "")
    return await account.reasons(db, organisation.organisation_id)
