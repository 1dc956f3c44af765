"""Photographs over HTTP: the body is the file."""

from dataclasses import dataclass
from typing import Any

from litestar import post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, RequestBody, Schema
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
from backend.web.openapi import operation


def _with_picture(name: str, summary: str, **told: Any) -> dict[str, Any]:
    """An operation whose body is a picture."""
    made = operation(name, summary, **told)
    described: Any = made["operation_class"]

    @dataclass
    class WithPicture(described):  # type: ignore[misc]
        """An operation whose body is octets: the framework does not describe it by itself."""

        def __post_init__(self) -> None:
            octets = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
            kinds = ("image/jpeg", "image/png", "image/webp")
            content = {
                kind: OpenAPIMediaType(schema=octets, example="(octets of the file)")
                for kind in kinds
            }
            self.request_body = RequestBody(content=content, required=True)
            super().__post_init__()

    return made | {"operation_class": WithPicture}


@post(
    "/organisations/me/photographs",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["registry"],
    **_with_picture(
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
