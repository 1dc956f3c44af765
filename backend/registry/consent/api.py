"""Consent over HTTP: what stands, what was said, given and withdrawn by the person alone."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.consent import service
from backend.registry.consent.model import ConsentWord, GiveConsent, OwnConsent, WithdrawConsents
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

CITIZEN = [requires(Role.INSURED, scope=Scope.CONSENT)]
_CONSENT = {
    "purpose": "QR_VISITS",
    "state": "GIVEN",
    "what_for": "клиникадағы қабылдауды QR-кодпен тіркеу",
    "at": "2026-04-06T04:00:00Z",
    "expires_at": "2027-04-06T04:00:00Z",
    "closed": False,
}


@get(
    "/citizen/consents",
    guards=CITIZEN,
    tags=["registry"],
    **operation("ListOwnConsents", "What I have consented to", discloses="own", answer=[_CONSENT]),
)
async def list_own(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> list[OwnConsent]:
    """List every purpose, whether I have consented to it, until when, and which channels are closed."""
    return await _own(resources, actor, language, "ListOwnConsents")


@get(
    "/citizen/consents/history",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "ListConsentHistory",
        "Everything I said of consent",
        discloses="own",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "consent_id": "01980000-0000-7000-8000-00000000000c",
                    "purpose": "QR_VISITS",
                    "given": True,
                    "at": "2026-04-06T04:00:00Z",
                    "expires_at": "2027-04-06T04:00:00Z",
                    "proof": "SESSION",
                    "by_representative": False,
                }
            ],
            "next": None,
        },
    ),
)
async def history(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ConsentWord]:
    """List each consent and each withdrawal, the newest first: nothing of it is ever changed."""
    db, now = resources.db.registry, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "ListConsentHistory", at=now)
    return await service.words(db, person_id, cursor, limit)


@post(
    "/citizen/consents",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "GiveConsent",
        "Consent to a purpose",
        discloses="own",
        body={"purpose": "QR_VISITS", "days": 365},
        answer=[_CONSENT],
    ),
)
async def give(
    data: JSONBody[GiveConsent],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> list[OwnConsent]:
    """Consent to one purpose for a time; a closed channel opens again."""
    await service.give_own(resources, actor, data)
    return await _own(resources, actor, language, "GiveConsent")


@post(
    "/citizen/consents/withdrawals",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "WithdrawConsents",
        "Withdraw consent: close digital channels",
        discloses="own",
        body={"purposes": ["BOT", "BIOMETRICS"]},
        answer=[{**_CONSENT, "state": "WITHDRAWN", "expires_at": None, "closed": True}],
    ),
)
async def withdraw(
    data: JSONBody[WithdrawConsents],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> list[OwnConsent]:
    """Withdraw at once and without giving reasons. Account, policy and the right to care stay (D43).

    A session of a channel that closes ends with this answer.
    """
    await service.withdraw(resources, actor, data)
    return await _own(resources, actor, language, "WithdrawConsents")


async def _own(
    resources: Resources, actor: Actor, language: str, operation_id: str
) -> list[OwnConsent]:
    db, now = resources.db.registry, resources.clock.now()
    person_id = await access_records.record_own(db, actor, operation_id, at=now)
    return await service.own(db, person_id, language, now)
