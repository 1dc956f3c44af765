"""The law's figures over HTTP: read by everybody, entered by the registrar's signature."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.mhi_law import service
from backend.registry.mhi_law.errors import FigureClosed, FigureKnown
from backend.registry.mhi_law.model import MhiLaw, SetCategory, SetMinimumWage
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import operation

LAW = {
    "minimum_wages": [
        {
            "year": 2024,
            "amount_tiyn": 8500000,
            "arrears_per_month_tiyn": 425000,
            "source": "domain 5.6",
        }
    ],
    "rates": [
        {
            "payer": "employer",
            "valid_from": "2026-01-01",
            "rate_bp": 300,
            "base": "income",
            "wage_tenths": 400,
            "source": "domain 5.6",
        }
    ],
    "categories": [
        {
            "code": "1",
            "valid_from": "2020-01-01",
            "payer": "state",
            "kk": "балалар",
            "ru": "дети",
            "en": "children",
        }
    ],
}


@get(
    "/mhi-law",
    guards=[public],
    tags=["registry"],
    **operation(
        "GetMhiLaw",
        "Minimum wages, rates and categories",
        discloses="nothing",
        guarded=False,
        answer=LAW,
    ),
)
async def get_law(db: NamedDependency[Db]) -> MhiLaw:
    """Show every figure the insurance is reckoned by, the day it holds from, and its source."""
    return await service.show(db)


@post(
    "/mhi-law/minimum-wages",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "SetMinimumWage",
        "Enter the minimum wage of a year",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, FigureClosed, FigureKnown),
        body=SIGNED,
        answer=LAW,
    ),
)
async def set_wage(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> MhiLaw:
    """Carry out a signed `mhi_law.set_minimum_wage` {year, amount_tiyn, source}: this year or the next."""
    signed = await evidence.accept(resources, actor, data, SetMinimumWage)
    return await service.set_minimum_wage(resources, actor, signed)


@post(
    "/mhi-law/categories",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "SetCategory",
        "Enter a category somebody else pays for",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, FigureKnown),
        body=SIGNED,
        answer=LAW,
    ),
)
async def set_category(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> MhiLaw:
    """Carry out a signed `mhi_law.set_category` {code, valid_from, payer, kk, ru, en, source}."""
    signed = await evidence.accept(resources, actor, data, SetCategory)
    return await service.set_category(resources, actor, signed)
