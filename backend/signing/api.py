"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.signing.login import api as login

HANDLERS: Sequence[ControllerRouterHandler] = [
    login.create_challenge,
    login.sign_in,
    login.sign_out,
    login.who_am_i,
]
