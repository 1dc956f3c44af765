"""The card over HTTP."""

from typing import Any, Literal

from litestar import Response, get
from litestar.di import NamedDependency

from backend.egov_adapter.card import service
from backend.egov_adapter.record.errors import NoPolicy
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person.errors import InsuredNotFound
from backend.web.guards import requires
from backend.web.openapi import operation

CITIZEN = [requires(Role.INSURED)]


async def _card(
    resources: Resources, actor: Actor, language: str, kind: Literal["png", "pdf"], name: str
) -> Response[bytes]:
    now = resources.clock.now()
    person_id = await access_records.record_own(resources.db.egov, actor, name, at=now)
    made = await service.make(resources, actor, person_id, language, kind)
    headers: dict[str, Any] = {"cache-control": "no-store"}
    if made.code_until is not None:
        headers["x-code-until"] = f"{made.code_until:%Y-%m-%dT%H:%M:%SZ}"
    media = "image/png" if kind == "png" else "application/pdf"
    return Response(made.octets, media_type=media, headers=headers)


@get(
    "/citizen/policy/card.png",
    guards=CITIZEN,
    tags=["egov"],
    media_type="image/png",
    **operation(
        "GetOwnCardPicture",
        "My policy card as a picture",
        discloses="own",
        errors=(NoPolicy, InsuredNotFound),
        answer="(octets of a PNG)",
    ),
)
async def picture(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[bytes]:
    """Draw my card. The code on it is good for one visit until `x-code-until`: ask for it anew then."""
    return await _card(resources, actor, language, "png", "GetOwnCardPicture")


@get(
    "/citizen/policy/card.pdf",
    guards=CITIZEN,
    tags=["egov"],
    media_type="application/pdf",
    **operation(
        "GetOwnCardPdf",
        "My policy card as a PDF",
        discloses="own",
        errors=(NoPolicy, InsuredNotFound),
        answer="(octets of a PDF)",
    ),
)
async def pdf(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Response[bytes]:
    """Print my card, tagged for screen readers; its code as that of the picture."""
    return await _card(resources, actor, language, "pdf", "GetOwnCardPdf")
