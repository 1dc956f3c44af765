"""The directory of purchase rules over HTTP."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.allocation.plan.examples import SIGNED_EXAMPLE
from backend.allocation.purchase_rule import service
from backend.allocation.purchase_rule.model import EnterRule, PurchaseRule
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import operation

RULE = {
    "code": "37-1(2)",
    "title_kk": "Сатып алу қағидаларының 37-1-тармағы 2) тармақшасындағы өзге жағдай",
    "title_ru": "Иной случай подпункта 2) пункта 37-1 правил закупа",
    "entered_at": "2026-04-06T04:00:00Z",
}


@get(
    "/public/purchase-rules",
    guards=[public],
    tags=["public"],
    **operation(
        "ListPurchaseRules",
        "Cases of the purchase rules a rejection may name",
        discloses="nothing",
        guarded=False,
        answer=[RULE],
    ),
)
async def list_rules(db: NamedDependency[Db]) -> list[PurchaseRule]:
    """For ground G2 (M §10); a rejection has its reason in words besides."""
    return await service.in_force(db)


@post(
    "/purchase-rules",
    guards=[requires(Role.REGISTRAR)],
    tags=["allocation"],
    **operation(
        "EnterPurchaseRule",
        "Enter a case of the purchase rules",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED_EXAMPLE,
        answer=[RULE],
    ),
)
async def enter_rule(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> list[PurchaseRule]:
    """Sign `purchase_rule.enter` {code, title_kk, title_ru, retired?}; the last entry of a code holds."""
    signed = await evidence.accept(resources, actor, data, EnterRule)
    return await service.enter(db, clock, signed)


HANDLERS = [list_rules, enter_rule]
