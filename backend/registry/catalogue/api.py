"""The table of operations over HTTP: reference information for everybody (M §40(1))."""

import msgspec
from litestar import get

from backend.registry.catalogue import rules
from backend.registry.catalogue.model import RegistryOperation
from backend.web.guards import public
from backend.web.openapi import operation


@get(
    "/registry/operations",
    guards=[public],
    tags=["registry"],
    **operation(
        "ListRegistryOperations",
        "The sixteen operations of the registry",
        discloses="nothing",
        guarded=False,
        answer=msgspec.to_builtins(rules.OPERATIONS[:1]),
    ),
)
async def list_operations() -> list[RegistryOperation]:
    """Tell of every operation of M §27-30 its lawful actors, its basis and the ways it comes about."""
    return list(rules.OPERATIONS)
