"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.signing.egov_qr import api as egov_qr
from backend.signing.egov_qr import phone_api as egov_mobile
from backend.signing.evidence import api as evidence
from backend.signing.login import api as login

HANDLERS: Sequence[ControllerRouterHandler] = [
    login.create_challenge,
    login.sign_in,
    login.sign_out,
    login.who_am_i,
    *evidence.HANDLERS,
    egov_qr.offer,
    egov_qr.offer_login,
    egov_qr.get_state,
    egov_qr.follow,
    egov_qr.get_signed,
    egov_qr.withdraw,
    *egov_mobile.HANDLERS,
]
