"""What the people who run the service look at: jobs given up, legal terms, how fresh the sources are."""

from litestar import get
from litestar.di import NamedDependency

from backend.app.freshness.api import list_sources
from backend.kernel import deadlines, jobs
from backend.kernel.actor import ISSUER, Role
from backend.kernel.deadlines import TermSummary
from backend.kernel.jobs import DeadLetter
from backend.kernel.resources import Resources
from backend.web.guards import requires
from backend.web.openapi import operation


@get(
    "/api/v1/operations/dead-letters",
    guards=[requires(Role.REGISTRAR)],
    tags=["operations"],
    **operation(
        "ListDeadLetters",
        "Jobs given up",
        discloses="nothing",
        answer=[
            {
                "job_id": 42,
                "name": "payments.send_order",
                "attempts": 8,
                "failed_at": "2026-06-05T05:00:00Z",
            }
        ],
    ),
)
async def list_dead_letters(resources: NamedDependency[Resources]) -> list[DeadLetter]:
    """The newest jobs that failed to the end; each waits for a person. At most 100."""
    return await jobs.dead_letters(resources.db.registry)


@get(
    "/api/v1/operations/terms",
    guards=[requires(Role.REGISTRAR, Role.MOH, ISSUER)],
    tags=["operations"],
    **operation(
        "SummariseTerms",
        "Legal terms kept, missed and running",
        discloses="nothing",
        answer=[{"code": "d3", "kept": 65, "breached": 0, "running": 0}],
    ),
)
async def summarise_terms(resources: NamedDependency[Resources]) -> list[TermSummary]:
    """How many terms of each kind (domain 3.19) were kept, were missed, and are running."""
    return await deadlines.summary(resources.db.registry, at=resources.clock.now())


HANDLERS = [list_dead_letters, summarise_terms, list_sources]
