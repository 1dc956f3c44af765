"""What the public may see of the log."""

from litestar import get
from litestar.di import NamedDependency

from backend.kernel.db import Db
from backend.registry.log import service
from backend.registry.log.model import LogRoot
from backend.web.guards import public
from backend.web.openapi import operation


@get(
    "/registry/log/root",
    guards=[public],
    tags=["registry"],
    **operation(
        "GetLogRoot",
        "The published root of the operation log",
        discloses="nothing",
        guarded=False,
        answer={
            "operations": 61234,
            "root": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "published_at": "2026-04-06T04:00:00Z",
        },
    ),
)
async def get_root(db: NamedDependency[Db]) -> LogRoot:
    """Tell the length and Merkle root (RFC 9162) last published: the log can only be longer now."""
    return await service.published_root(db)
