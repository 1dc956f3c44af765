"""How available the service was, for everybody (M §39; R138)."""

from litestar import get
from litestar.di import NamedDependency

from backend.egov_adapter.availability import service
from backend.egov_adapter.availability.model import Availability
from backend.kernel.resources import Resources
from backend.web.guards import public
from backend.web.openapi import operation


@get(
    "/public/availability",
    guards=[public],
    tags=["egov"],
    **operation(
        "GetAvailability",
        "How available the service was in the last thirty days",
        discloses="nothing",
        guarded=False,
        answer={
            "days": 30,
            "since": "2026-03-07T04:00:00Z",
            "minutes": 43200,
            "measured": 43190,
            "answered": 43188,
            "availability_ppm": 999722,
        },
    ),
)
async def tell(resources: NamedDependency[Resources]) -> Availability:
    """Tell in how many minutes the public door answered; a minute nobody measured counts as away."""
    return await service.availability(resources.db.egov, resources.clock)
