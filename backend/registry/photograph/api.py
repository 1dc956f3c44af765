"""Photographs over HTTP: the body is the file."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import RawBody

from backend.kernel.actor import EXECUTOR_SIGNERS, Actor, Role
from backend.kernel.resources import Resources
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.photograph import service
from backend.registry.photograph.errors import (
    PhotoStoreUnavailable,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoUnreadable,
    TooManyPhotographs,
)
from backend.registry.photograph.model import Photograph
from backend.web.guards import requires
from backend.web.openapi import picture_operation


@post(
    "/organisations/me/photographs",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["registry"],
    **picture_operation(
        "HandInPhotograph",
        "Hand in a photograph of a facility",
        discloses="nothing",
        errors=(
            AccountNotOpen,
            AccountBlocked,
            PhotoUnreadable,
            PhotoTooLarge,
            PhotoTooSmall,
            TooManyPhotographs,
            PhotoStoreUnavailable,
        ),
        answer={
            "sha256": "ab" * 32,
            "bytes": 418_233,
            "width": 2048,
            "height": 1536,
            "uploaded_at": "2026-04-06T04:00:00Z",
        },
    ),
)
async def hand_in(
    body: RawBody, resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> Photograph:
    """Send a JPEG, PNG or WebP as it is, at most 12 MB; it is written anew without its metadata.

    A facility names its photographs by the `sha256` of the answer. The same file again is the same
    photograph.
    """
    return await service.hand_in(resources, actor, body)
