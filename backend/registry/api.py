"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.registry.log import api as log

HANDLERS: Sequence[ControllerRouterHandler] = [
    log.get_root,
]
