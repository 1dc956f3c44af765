"""The freshness of sources over HTTP."""

from litestar import get
from litestar.di import NamedDependency

from backend.app.freshness import service
from backend.app.freshness.model import SourceView
from backend.kernel.actor import ISSUER, Role
from backend.kernel.resources import Resources
from backend.web.guards import requires
from backend.web.openapi import operation

SOURCE = {
    "number": 6,
    "code": "gbd_fl",
    "name": "State database of natural persons",
    "gives": "identification numbers, deaths, incapacity",
    "standing": "CONNECTED",
    "rhythm": "HOURLY",
    "state": "LATE",
    "answered_at": "2026-04-06T01:00:00Z",
    "late_by_s": 7200,
    "channels": [{"channel": "gbd_fl.journal", "answered_at": "2026-04-06T01:00:00Z"}],
}


@get(
    "/api/v1/operations/sources",
    guards=[requires(Role.REGISTRAR, Role.MOH, ISSUER)],
    tags=["operations"],
    **operation(
        "ListSources",
        "How fresh each source of the registry is",
        discloses="nothing",
        answer=[SOURCE],
    ),
)
async def list_sources(
    resources: NamedDependency[Resources], language: NamedDependency[str]
) -> list[SourceView]:
    """The State Corporation and the fifteen sources of M §23: in the house or not, last heard, how late."""
    return await service.listed(resources, language)
